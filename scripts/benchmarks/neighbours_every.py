"""What neighbours say of rows where each is held against every other one, without an index."""

from typing import Any

import numpy as np
from pyspark.sql import DataFrame

from housing_spark.features.neighbours import NeighbourPricesModel, WiderPricesModel
from housing_spark.features.neighbours.columns import asked, rows_of
from housing_spark.features.neighbours.lookup import Lookup
from housing_spark.features.neighbours.nearest import Nearest, NearestIndex, Points
from housing_spark.features.neighbours.wider import WiderLookup

_AT_ONCE = 500


class _EveryRow(NearestIndex):
    """The same answers as an index, by a search through every row."""

    def nearest(self, rows: Points, count: int) -> Nearest:
        parts = [np.arange(first, min(first + _AT_ONCE, len(rows))) for first in range(0, len(rows), _AT_ONCE)]
        found = [self._search(rows.of(part), count) for part in parts]
        return Nearest(*(np.concatenate([getattr(one, name) for one in found]) for name in ("distances", "places")))

    def _search(self, rows: Points, count: int) -> Nearest:
        reference = self.reference
        squares = np.zeros((len(rows), len(reference)))
        for here, there in zip(rows.positions.T, reference.positions.T, strict=True):
            squares += (here[:, None] - there) ** 2
        for mine, theirs in zip(rows.identities.T, reference.identities.T, strict=True):
            squares[mine[:, None] == theirs] = np.inf
        if rows.times is not None:
            squares[reference.times >= rows.times[:, None]] = np.inf
        first = np.argpartition(squares, count, axis=1)[:, :count]
        order = np.take_along_axis(first, np.take_along_axis(squares, first, axis=1).argsort(axis=1), axis=1)
        distances = np.sqrt(np.take_along_axis(squares, order, axis=1))
        return Nearest(distances, np.where(np.isfinite(distances), order, -1))


def said_by_every_row(rows: DataFrame, model: NeighbourPricesModel | WiderPricesModel) -> Any:
    """In the order of the rows' keys, shape (rows, outputs).

    Args:
        rows: As many as one memory holds.
        model: Fitted, in one index.
    """
    names = [f"asked_{place}" for place in range(4)]
    columns = [column.alias(name) for name, column in zip(names, asked(rows, model.facts), strict=True)]
    table = rows.select("row_key", *columns).toArrow().sort_by("row_key").combine_chunks()
    return _lookup(model).describe(rows_of(model.facts, *(table[name].chunk(0) for name in names)))


def _lookup(model: NeighbourPricesModel | WiderPricesModel) -> Lookup | WiderLookup:
    if isinstance(model, WiderPricesModel):
        wider = WiderLookup(model.facts, model.reference)
        indexes = wider._indexes  # noqa: SLF001  # what it searches by trees is searched row by row here
        vars(wider)["_indexes"] = [_EveryRow(one.reference) for one in indexes]
        return wider
    lookup = Lookup(model.facts, model.reference)
    for name in ("_near", "_mixed"):
        vars(lookup)[name] = _EveryRow(getattr(lookup, name).reference)
    return lookup
