"""A stage that keeps reference rows and answers from them: what travels to executors, what is saved."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, TypeVar

import pyarrow as pa
from pyspark import Broadcast
from pyspark.ml import Model
from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReadable, MLReader, MLWritable, MLWriter
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.features.neighbours.columns import as_lists, asked, in_order, rows_of
from housing_spark.features.neighbours.facts import Facts
from housing_spark.features.neighbours.lookup import Lookup
from housing_spark.features.neighbours.wider import WiderFacts, WiderLookup

FOUND = "_neighbours"
_LOOKUPS: dict[type, Any] = {Facts: Lookup, WiderFacts: WiderLookup}
_LOADED: dict[type, tuple[str, Any]] = {}
_Facts = TypeVar("_Facts", Facts, WiderFacts)


class KeptRows(Model, MLWritable, MLReadable[Any], Generic[_Facts]):
    """Adds what reference rows say of a row; what is usual where it has no place.

    Attributes:
        facts: What is looked for.
        reference: The reference rows: a table where one memory holds them, else a frame.
    """

    kind: ClassVar[type[Facts] | type[WiderFacts]]

    def __init__(self, facts: _Facts, reference: pa.Table | DataFrame) -> None:
        """Take what was learned."""
        super().__init__()
        self.facts: _Facts = facts
        self.reference: Any = reference

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that the model adds."""
        names: tuple[str, ...] = self.facts.names
        return names

    def write(self) -> MLWriter:
        """To save it with its reference rows."""
        return _Writer(self)

    @classmethod
    def read(cls) -> MLReader[Any]:
        """To load it."""
        return _Reader(cls)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        """Runs nothing."""
        described = self._with_answers(dataset)
        added = {name: F.get(FOUND, place) for place, name in enumerate(self.outputs)}
        return described.withColumns(added).drop(FOUND)

    def _with_answers(self, dataset: DataFrame) -> DataFrame:
        """Rows with a list of what reference rows say of them."""
        facts, (digest, shared) = self.facts, self._shared(dataset)

        def describe(batches: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
            lookup = lookup_of(digest, facts, lambda: shared.value)
            for batch in batches:
                yield as_lists(lookup.describe(rows_of(facts, *batch)))

        found = arrow_udf(describe, "array<double>")  # type: ignore[call-overload]  # the stub lacks what Spark reads
        return dataset.withColumn(FOUND, found(*asked(dataset, facts)))

    def _shared(self, dataset: DataFrame) -> tuple[str, Broadcast[pa.Table]]:
        """A digest of what was learned, and the reference rows; once, and not before it is asked for."""
        if "_sent" not in self.__dict__:
            facts = json.dumps(self.facts.to_json(), sort_keys=True).encode()
            kept: list[bytes] = [self.reference[name].to_numpy().tobytes() for name in self.reference.column_names]
            digest = hashlib.sha256(b"".join([facts, *kept])).hexdigest()
            self._sent = digest, dataset.sparkSession.sparkContext.broadcast(self.reference)
        return self._sent


def lookup_of(digest: str, facts: Facts | WiderFacts, reference: Callable[[], pa.Table]) -> Lookup | WiderLookup:
    """The lookup of that digest, made once in a process: a Python worker has many tasks, and a tree takes seconds.

    Of either kind the last one is kept: it may be as large as the settings allow.
    """
    kind = type(facts)
    if _LOADED.get(kind, ("",))[0] != digest:
        _LOADED.pop(kind, None)
        _LOADED[kind] = digest, _LOOKUPS[kind](facts, reference())
    found: Lookup | WiderLookup = _LOADED[kind][1]
    return found


class _Writer(MLWriter):
    def __init__(self, model: KeptRows[Any]) -> None:
        super().__init__()
        self._model = model

    def saveImpl(self, path: str) -> None:  # noqa: N802  # Spark's name
        facts = {"facts": self._model.facts.to_json()}
        DefaultParamsWriter.saveMetadata(self._model, path, self.sparkSession, extraMetadata=facts)
        kept = self._model.reference
        if isinstance(kept, pa.Table):
            kept = self.sparkSession.createDataFrame(kept).coalesce(1)
        kept.write.parquet(f"{path}/reference")


class _Reader(MLReader[Any]):
    def __init__(self, model: type[KeptRows[Any]]) -> None:
        super().__init__()
        self._model = model

    def load(self, path: str) -> KeptRows[Any]:
        described = DefaultParamsReader.loadMetadata(path, self.sparkSession)
        facts = self._model.kind.from_json(described["facts"])
        reference = self.sparkSession.read.parquet(f"{path}/reference")
        # Where one memory holds them they were bounded when it was fitted.
        model = self._model(facts, reference if facts.blocks else in_order(reference))
        model._resetUid(described["uid"])  # noqa: SLF001  # as Spark's own readers do
        return model
