"""Neighbour prices as a stage of Spark ML: an estimator that keeps training rows, and the model that looks among them.

Saved models name the class ``NeighbourPricesModel`` of this file: never move it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark import Broadcast
from pyspark.ml import Estimator, Model
from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReadable, MLReader, MLWritable, MLWriter
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.errors import InputRefusedError
from housing_spark.features.neighbours.blocks import learn_blocks, with_answers
from housing_spark.features.neighbours.columns import (
    as_lists,
    asked,
    count_rows,
    in_order,
    reference_rows,
    rows_of,
    share_expr,
)
from housing_spark.features.neighbours.facts import KEY, Facts
from housing_spark.features.neighbours.learning import learn_facts
from housing_spark.features.neighbours.lookup import lookup_of
from housing_spark.features.place import Place
from housing_spark.settings.features import Neighbours

_MEGABYTE = 1 << 20
_SAMPLE_ROWS = 200_000
_FOUND = "_neighbours"


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
        sample = in_order(every if count <= _SAMPLE_ROWS else every.where(share_expr(KEY) < _SAMPLE_ROWS / count))
        facts = learn_facts(sample, self.place, self.features, self.settings)
        kept = [name for names in facts.layout for name in names]
        if count * len(kept) * np.dtype(np.float64).itemsize > self.settings.broadcast_mb * _MEGABYTE:
            blocks = learn_blocks(sample, facts, count, self.settings.block_rows)
            return NeighbourPricesModel(replace(facts, blocks=blocks), every.select(kept))
        reference = sample.select(kept) if count <= _SAMPLE_ROWS else in_order(every.select(kept))
        return NeighbourPricesModel(facts, reference)


class NeighbourPricesModel(Model, MLWritable, MLReadable["NeighbourPricesModel"]):
    """Adds what a row's neighbours among the reference rows say of it; what is usual where it has no place."""

    def __init__(self, facts: Facts, reference: pa.Table | DataFrame) -> None:
        """Take what the estimator learned.

        Args:
            facts: What is looked for.
            reference: The reference rows; where the facts have blocks they stay in Spark.
        """
        super().__init__()
        self.facts = facts
        self.reference: Any = reference

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that the model adds."""
        return self.facts.names

    def write(self) -> MLWriter:
        """To save it with its reference rows."""
        return _Writer(self)

    @classmethod
    def read(cls) -> MLReader["NeighbourPricesModel"]:
        """To load it."""
        return _Reader()

    def _transform(self, dataset: DataFrame) -> DataFrame:
        """Runs nothing; where reference rows are in blocks, rows are moved to these."""
        if self.facts.blocks:
            described = with_answers(dataset, self.facts, self.reference, _FOUND)
        else:
            described = self._with_answers(dataset)
        added = {name: F.get(_FOUND, place) for place, name in enumerate(self.outputs)}
        return described.withColumns(added).drop(_FOUND)

    def _with_answers(self, dataset: DataFrame) -> DataFrame:
        facts, (digest, shared) = self.facts, self._shared(dataset)

        def describe(batches: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
            lookup = lookup_of(digest, facts, lambda: shared.value)
            for batch in batches:
                yield as_lists(lookup.describe(rows_of(facts, *batch)))

        found = arrow_udf(describe, "array<double>")  # type: ignore[call-overload]  # the stub lacks what Spark reads
        return dataset.withColumn(_FOUND, found(*asked(dataset, facts)))

    def _shared(self, dataset: DataFrame) -> tuple[str, Broadcast[pa.Table]]:
        """A digest of what was learned, and the reference rows; once, and not before it is asked for."""
        if "_sent" not in self.__dict__:
            facts = json.dumps(self.facts.to_json(), sort_keys=True).encode()
            columns = (self.reference[name].to_numpy().tobytes() for name in self.reference.column_names)
            digest = hashlib.sha256(b"".join([facts, *columns])).hexdigest()
            self._sent = digest, dataset.sparkSession.sparkContext.broadcast(self.reference)
        return self._sent


class _Writer(MLWriter):
    def __init__(self, model: NeighbourPricesModel) -> None:
        super().__init__()
        self._model = model

    def saveImpl(self, path: str) -> None:  # noqa: N802  # Spark's name
        facts = {"facts": self._model.facts.to_json()}
        DefaultParamsWriter.saveMetadata(self._model, path, self.sparkSession, extraMetadata=facts)
        kept = self._model.reference
        if not self._model.facts.blocks:
            kept = self.sparkSession.createDataFrame(kept).coalesce(1)
        kept.write.parquet(f"{path}/reference")


class _Reader(MLReader[NeighbourPricesModel]):
    def load(self, path: str) -> NeighbourPricesModel:
        described = DefaultParamsReader.loadMetadata(path, self.sparkSession)
        facts, reference = Facts.from_json(described["facts"]), self.sparkSession.read.parquet(f"{path}/reference")
        # Without blocks they were bounded when it was fitted.
        model = NeighbourPricesModel(facts, reference if facts.blocks else in_order(reference))
        model._resetUid(described["uid"])  # noqa: SLF001  # as Spark's own readers do
        return model
