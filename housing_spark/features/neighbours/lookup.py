"""Everything that a saved model knows of its neighbours, and what it says of other rows. Needs no Spark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from housing_spark.features.neighbours.facts import IDENTITIES, KEY, PRICE, TIME, Facts
from housing_spark.features.neighbours.kriging import kriged
from housing_spark.features.neighbours.nearest import Nearest, NearestIndex, Numbers, Places, Points, Whole
from housing_spark.features.neighbours.space import NUDGE, Space, nudged
from housing_spark.features.neighbours.summaries import means, summaries

_LOADED: dict[str, "Lookup"] = {}


@dataclass(frozen=True)
class Rows:
    """Rows to be described; a row that shares an identity with a reference row does not see it.

    Attributes:
        coordinates: Shape (rows, 2).
        features: Shape (rows, features).
        identities: Shape (rows, 2): hashes of the group and of the content.
        times: When a row is priced, microseconds, shape (rows,).
    """

    coordinates: Numbers
    features: Numbers
    identities: Whole
    times: Whole

    def of(self, chosen: NDArray[np.bool_] | Places) -> "Rows":
        """Some of the rows."""
        return Rows(self.coordinates[chosen], self.features[chosen], self.identities[chosen], self.times[chosen])


class Lookup:
    """Reference rows, ready to be asked in both spaces."""

    def __init__(self, facts: Facts, reference: pa.Table, slack: float = 0.0) -> None:
        """Take the reference rows.

        Args:
            facts: What is looked for.
            reference: Columns ``_price, _key, _time, _group, _content`` and one for each coordinate and feature.
            slack: As for ``NearestIndex``.
        """
        self._facts, self._given, self._slack = facts, reference, slack

    def describe(self, rows: Rows) -> Numbers:
        """What neighbours say of rows, shape (rows, names of the facts); what is usual where they say nothing."""
        found = np.full((len(rows.coordinates), len(self._facts.names)), np.nan)
        is_placed = ~np.isnan(self._facts.near.positions(rows.coordinates, rows.features)[:, 0])
        found[is_placed] = np.column_stack(self._said_of(rows.of(is_placed)))
        return np.where(np.isfinite(found), found, np.array(self._facts.usual))

    def reach(self, rows: Rows) -> Numbers:
        """How far on the ground the neighbours of rows lie at most, in either space, shape (rows,); infinity: too few.

        Those alike, which are as many or more, lie no farther on the ground than in their space, so that the nearest
        on the ground lie no farther either.

        Args:
            rows: All of them placed.
        """
        space, index = self._spaces[-1]
        farthest: Numbers = space.unit * self._nearest(space, index, rows).distances[:, -1]
        return farthest

    def within(self, rows: Rows, reach: Numbers) -> tuple[Places, Places]:
        """Pairs of rows and their nearest reference rows in either space, as far as they look.

        Args:
            rows: All of them placed.
            reach: No less than the ``reach`` of other reference rows, shape (rows,).
        """
        pairs = []
        for space, index in self._spaces:
            nearest = self._nearest(space, index, rows)
            is_within = (nearest.places >= 0) & (space.unit * nearest.distances <= reach[:, None])
            pairs.append((np.nonzero(is_within)[0], nearest.places[is_within]))
        places, found = (np.concatenate(column) for column in zip(*pairs, strict=True))
        return places, found

    def rows_at(self, places: Places, names: Sequence[str]) -> Any:
        """Columns of some reference rows side by side, shape (rows, names)."""
        return np.column_stack([self._reference[name].to_numpy()[places] for name in names])

    @property
    def _spaces(self) -> list[tuple[Space, NearestIndex]]:
        near = [(self._facts.near, self._near)]
        return [*near, (self._facts.mixed, self._mixed)] if self._facts.alike else near

    @cached_property
    def _reference(self) -> pa.Table:
        """In the order of time, so that the trees of earlier rows need no copy."""
        times = self._given[TIME].to_numpy()
        is_ordered = self._facts.lag is None or bool((times[1:] >= times[:-1]).all())
        return self._given if is_ordered else self._given.sort_by([(TIME, "ascending"), (KEY, "ascending")])

    def _said_of(self, rows: Rows) -> list[Numbers]:
        facts = self._facts
        near = self._nearest(facts.near, self._near, rows)
        near = Nearest(facts.near.along_the_ground(near.distances), near.places)
        features = {name: self._column(name) for name in facts.features}
        parts = [self._summaries(near, rows), means(near, features, facts.mean_count)]
        if facts.alike:
            alike = self._nearest(facts.mixed, self._mixed, rows)
            parts.append(self._summaries(alike, rows))
            if facts.kriging_count:
                closest = alike.closest(facts.kriging_count)
                parts.append(kriged(closest, self._mixed.reference.positions, self._column(PRICE))[:, None])
        return parts

    def _nearest(self, space: Space, index: NearestIndex, rows: Rows) -> Nearest:
        positions = space.positions(rows.coordinates, self._alike(rows.features, space))
        times = None if self._facts.lag is None else rows.times - self._facts.lag
        count = max(*self._facts.counts, self._facts.mean_count, self._facts.kriging_count if space.grids else 0)
        nearest = index.nearest(Points(positions, rows.identities, times), count)
        is_here = nearest.distances < 2 * NUDGE * space.extent
        return Nearest(np.where(is_here, 0.0, nearest.distances), nearest.places)

    def _summaries(self, nearest: Nearest, rows: Rows) -> Numbers:
        per, facts = None, self._facts
        if facts.per is not None:
            per = self._column(facts.per), rows.features[:, facts.features.index(facts.per)]
        return summaries(nearest.closest(max(facts.counts)), self._column(PRICE), facts.counts, per)

    def _alike(self, features: Numbers, space: Space) -> Numbers:
        return self._facts.alike_of(features) if space.grids else features[:, :0]

    @cached_property
    def _near(self) -> NearestIndex:
        return self._index(self._facts.near, kind=0)

    @cached_property
    def _mixed(self) -> NearestIndex:
        return self._index(self._facts.mixed, kind=1)

    def _index(self, space: Space, kind: int) -> NearestIndex:
        columns = [self._column(name) for name in self._facts.features]
        features = np.column_stack(columns) if columns else np.empty((self._reference.num_rows, 0))
        coordinates = np.column_stack([self._column(name) for name in self._facts.location])
        positions = space.positions(coordinates, self._alike(features, space))
        whole = {name: self._reference[name].to_numpy() for name in (*IDENTITIES, KEY, TIME)}
        times = None if self._facts.lag is None else whole[TIME]
        identities = np.column_stack([whole[name] for name in IDENTITIES])
        return NearestIndex(Points(nudged(positions, whole[KEY], kind, space.extent), identities, times), self._slack)

    def _column(self, name: str) -> Numbers:
        numbers: Numbers = self._reference[name].to_numpy()
        return numbers


def lookup_of(digest: str, facts: Facts, reference: Callable[[], pa.Table]) -> Lookup:
    """The lookup of that digest, made once in a process: a Python worker has many tasks, and a tree takes seconds."""
    if digest not in _LOADED:
        _LOADED.clear()
        _LOADED[digest] = Lookup(facts, reference())
    return _LOADED[digest]
