"""Neighbour prices as a stage of Spark ML: an estimator that keeps training rows, and the model that looks among them.

Saved models name the classes of models of this file: never move them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from pyspark.ml import Estimator
from pyspark.sql import DataFrame

from housing_spark.errors import InputRefusedError
from housing_spark.features.neighbours.blocks import learn_blocks, with_answers
from housing_spark.features.neighbours.columns import count_rows, in_order, reference_rows, some_of
from housing_spark.features.neighbours.facts import Facts
from housing_spark.features.neighbours.kept import FOUND, KeptRows
from housing_spark.features.neighbours.learning import learn_facts
from housing_spark.features.neighbours.wider import WiderFacts
from housing_spark.features.place import Place
from housing_spark.settings.features import Neighbours

_MEGABYTE = 1 << 20
_SAMPLE_ROWS = 200_000


class NeighbourPrices(Estimator["NeighbourPricesModel"]):
    """Keeps the training rows that have a place and a price.

    Columns that are read: the location, the features, ``label``, ``row_key``, and where they exist ``group_key``,
    ``content_hash`` and ``event_time``. A row never sees itself, its group, or a row of its content; where there are
    event times it sees earlier sales only.
    """

    def __init__(self, place: Place, features: Sequence[str], settings: Neighbours) -> None:
        """Say what to learn; nothing is computed before ``fit``.

        Args:
            place: Where homes are, and whether only earlier sales count.
            features: Numeric features of homes.
            settings: How many neighbours, which features make homes alike, the bound in memory.
        """
        super().__init__()
        self.place, self.features, self.settings = place, tuple(features), settings

    def fit_if_many(self, training: DataFrame) -> "NeighbourPricesModel | None":
        """The model, or nothing where there are fewer training rows than the settings ask for."""
        rows, placed = count_rows(training, self.place)
        return self._learn(training, placed) if rows >= self.settings.min_rows else None

    def _fit(self, dataset: DataFrame) -> "NeighbourPricesModel":
        return self._learn(dataset, count_rows(dataset, self.place)[1])

    def _learn(self, dataset: DataFrame, count: int) -> "NeighbourPricesModel":
        every = reference_rows(dataset, self.place, self.features)
        if not count:
            raise InputRefusedError(
                "E-TRAIN-010", f"columns {' and '.join(self.place.columns)}: no training row has a price and both; "
                "take location out of the contract, or set features.families.neighbours=false"
            )  # fmt: skip
        sample = some_of(every, count, _SAMPLE_ROWS)
        facts = learn_facts(sample, self.place, self.features, self.settings)
        kept = [name for names in facts.layout for name in names]
        if count * len(kept) * np.dtype(np.float64).itemsize > self.settings.broadcast_mb * _MEGABYTE:
            blocks = learn_blocks(sample, facts, count, self.settings.block_rows)
            return NeighbourPricesModel(replace(facts, blocks=blocks), every.select(kept))
        reference = sample.select(kept) if count <= _SAMPLE_ROWS else in_order(every.select(kept))
        return NeighbourPricesModel(facts, reference)


class NeighbourPricesModel(KeptRows[Facts]):
    """Adds what a row's neighbours among the reference rows say of it; where facts have blocks these stay in Spark."""

    kind = Facts

    def _with_answers(self, dataset: DataFrame) -> DataFrame:
        """Where reference rows are in blocks, rows are moved to these."""
        if self.facts.blocks:
            return with_answers(dataset, self.facts, self.reference, FOUND)
        return super()._with_answers(dataset)


class WiderPricesModel(KeptRows[WiderFacts]):
    """Adds prices kriged among homes alike near and far; its reference rows are a sample."""

    kind = WiderFacts

    @classmethod
    def beside(cls, model: NeighbourPricesModel, settings: Neighbours) -> "WiderPricesModel | None":
        """The model whose sample is of the rows that another one keeps; nothing where it kriges no prices.

        Args:
            model: Of the neighbours nearby.
            settings: How far, and among how many.
        """
        facts = model.facts
        if not (facts.alike and facts.kriging_count and settings.wide_reaches):
            return None
        layout = replace(facts, features=facts.alike).layout
        kept = model.reference.select([name for names in layout for name in names])
        count = kept.count() if facts.blocks else kept.num_rows
        sample = some_of(kept, count, settings.wide_rows)
        stretches = [reach / settings.reach for reach in settings.wide_reaches]
        return cls(WiderFacts.beside(facts, stretches, sample), sample)
