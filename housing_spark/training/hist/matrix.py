"""Prepared rows as coded matrices: on the driver up to a bound, coded on the executors beyond it."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.hashing import hash_share
from housing_spark.training.hist.attributes import categories_of, places_of
from housing_spark.training.hist.bins import Bins, Codes, Values, learn_bins
from housing_spark.training.prepare import LABEL, TIME, WEIGHT, Fold

# As LightGBM does: more rows move the cut points less than the split does.
SAMPLE_ROWS = 200_000
# Of feature values: so many are read and coded by the driver sooner than executors start Python.
_DIRECT_BYTES = 1 << 27
# Rows are known by a hash of their key: a fifth of its size, and in no order that a table may have.
PLACE = "place"
_CODED = f"{PLACE} long, label double, weight double, codes binary"


@dataclass(frozen=True)
class Coded:
    """Coded rows in order of a hash of their keys.

    Codes have the shape (rows, features), prices and weights (rows,).

    ``is_whole`` says that no row is left out.
    """

    codes: Codes
    labels: Values
    weights: Values
    is_whole: bool

    def first(self, count: int) -> "Coded":
        """At most so many rows."""
        is_whole = self.is_whole and count >= len(self.labels)
        return Coded(self.codes[:count], self.labels[:count], self.weights[:count], is_whole)

    def where(self, chosen: NDArray[np.bool_]) -> "Coded":
        """The rows that are chosen."""
        return Coded(self.codes[chosen], self.labels[chosen], self.weights[chosen], is_whole=False)

    def without(self, places: Sequence[int]) -> "Coded":
        """The same rows as if these features were always the same."""
        if not places:
            return self
        codes = self.codes.copy()
        codes[:, list(places)] = 0
        return replace(self, codes=codes)


@dataclass(frozen=True)
class CodedFold:
    """What a trial is fitted on and judged by."""

    training: Coded
    validation: Coded

    def few(self, count: int) -> "CodedFold":
        """With so many training rows and half as many to judge by: in order of a hash, the first ones are a sample."""
        return CodedFold(self.training.first(count), self.validation.first(count // 2))


class Coder:
    """Reads folds as coded matrices, each once; they are kept as long as it is."""

    def __init__(self, vector: str, max_bytes: int, family_of: Callable[[str], str | None] = lambda _: None) -> None:
        """Say what to read; arguments as of ``read_fold``, and the family of a feature by its name in the vector."""
        self.vector, self._max_bytes, self._family_of = vector, max_bytes, family_of
        self._read: dict[Fold, tuple[Bins, CodedFold]] = {}

    def read(self, fold: Fold) -> tuple[Bins, CodedFold]:
        """The bins of a fold, and its coded rows."""
        if fold not in self._read:
            self._read[fold] = read_fold(fold, self.vector, self._max_bytes)
        return self._read[fold]

    def places(self, rows: DataFrame) -> dict[str, tuple[int, ...]]:
        """The places of each family of features in the vector of prepared rows."""
        return places_of(rows, self.vector, self._family_of)


def read_fold(fold: Fold, vector: str, max_bytes: int) -> tuple[Bins, CodedFold]:
    """The bins of a fold, learned from at most 200,000 training rows, and its coded rows.

    Args:
        fold: Prepared rows.
        vector: Name of the feature vector.
        max_bytes: Bound of the codes that the driver holds; beyond it, a sample by hash.
    """
    count = fold.training.count()
    labels, weights, values = _read(_sampled(fold.training, count, SAMPLE_ROWS, salt="hist bins"), vector)
    bins = learn_bins(values, labels, categories_of(fold.training, vector))
    if count <= min(SAMPLE_ROWS, max_bytes // len(bins.cuts)):  # the sample is all there is
        training = Coded(bins.codes(values), labels, weights, is_whole=True)
    else:
        training = _part(fold.training, count, vector, bins, max_bytes)
    return bins, CodedFold(training, _part(fold.validation, fold.validation.count(), vector, bins, max_bytes))


def read_dated(dated: DataFrame, count: int, vector: str, most: int) -> tuple[Values, Values, Values, Values]:
    """Prices, weights, feature values, and times in seconds, of at most so many of ``count`` rows that have a time."""
    seconds = F.unix_seconds(F.col(TIME).cast("timestamp")).alias(TIME)
    table = _plain(_sampled(dated, count, most, salt="dated"), vector, seconds).toArrow().sort_by(PLACE)
    return *_parts(table), _numbers(table, TIME)


def coded_rows(rows: DataFrame, vector: str, bins: Bins) -> DataFrame:
    """Rows with their codes, a byte per feature, instead of the vector."""

    def code(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            codes = bins.codes(_matrix(batch.column("values")))
            kept = {name: batch.column(name) for name in (PLACE, LABEL, WEIGHT)}
            yield pa.record_batch({**kept, "codes": _packed(codes)})

    return _plain(rows, vector).mapInArrow(code, _CODED)


def unpacked(coded: pa.Table) -> tuple[Codes, Values, Values]:
    """Codes, prices and weights of collected ``coded_rows``."""
    codes = np.concatenate([_bytes(chunk) for chunk in coded["codes"].chunks if len(chunk)])
    return codes.reshape(coded.num_rows, -1), _numbers(coded, LABEL), _numbers(coded, WEIGHT)


def _bytes(rows: pa.Array) -> Codes:
    """The bytes of binary values, one after another."""
    _, offsets, data = rows.buffers()
    ends = np.frombuffer(offsets, np.int32)[rows.offset : rows.offset + len(rows) + 1]
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]


def _packed(codes: Codes) -> pa.Array:
    """A row of codes as one binary value, without a copy."""
    ends = np.arange(len(codes) + 1, dtype=np.int32) * codes.shape[1]
    return pa.BinaryArray.from_buffers(pa.binary(), len(codes), [None, pa.py_buffer(ends), pa.py_buffer(codes)])


def _part(rows: DataFrame, count: int, vector: str, bins: Bins, max_bytes: int) -> Coded:
    """All of so many rows coded, or those whose codes fit into the bound."""
    width = len(bins.cuts)
    most = max_bytes // width
    if count <= most and count * width * np.dtype(np.float64).itemsize <= _DIRECT_BYTES:
        labels, weights, values = _read(rows, vector)
        return Coded(bins.codes(values), labels, weights, is_whole=True)
    chosen = _sampled(rows, count, most, salt="hist rows")  # bounded, so that they may come to the driver
    codes, labels, weights = unpacked(coded_rows(chosen, vector, bins).toArrow().sort_by(PLACE))
    return Coded(codes, labels, weights, is_whole=count <= most)


def _read(rows: DataFrame, vector: str) -> tuple[Values, Values, Values]:
    """Prices, weights and feature values in order of place; the caller bounds the rows."""
    return _parts(_plain(rows, vector).toArrow().sort_by(PLACE))


def _parts(table: pa.Table) -> tuple[Values, Values, Values]:
    return _numbers(table, LABEL), _numbers(table, WEIGHT), _matrix(table["values"].combine_chunks())


def _plain(rows: DataFrame, vector: str, *more: Column) -> DataFrame:
    """Rows as Arrow carries them."""
    place = F.xxhash64(F.lit(PLACE), "row_key").alias(PLACE)
    return rows.select(place, LABEL, WEIGHT, vector_to_array(F.col(vector)).alias("values"), *more)


def _numbers(table: pa.Table, name: str) -> Values:
    numbers: Values = table[name].to_numpy().astype(np.float64)
    return numbers


def _matrix(lists: pa.Array) -> Values:
    values: Values = lists.flatten().to_numpy(zero_copy_only=False).reshape(len(lists), -1)
    return values


def _sampled(rows: DataFrame, count: int, most: int, *, salt: str) -> DataFrame:
    """All of so many rows, or somewhat fewer than ``most`` by hash, whatever the layout.

    An exact number would cost a full sort: this one lies four standard deviations below the bound.
    """
    surely = most - 4 * math.sqrt(most)
    return rows if count <= most else rows.where(hash_share("row_key", salt=salt) < surely / count)
