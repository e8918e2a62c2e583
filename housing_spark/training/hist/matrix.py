"""Prepared rows as coded matrices: on the driver up to a bound, coded on the executors beyond it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.training.hist.bins import Bins, Codes, Values, learn_bins
from housing_spark.training.prepare import LABEL, WEIGHT, Fold

# As LightGBM does: more rows move the cut points less than the split does.
SAMPLE_ROWS = 200_000
_CODED = "row_key string, label double, weight double, codes binary"


@dataclass(frozen=True)
class Coded:
    """Coded rows in order of ``row_key``: codes of shape (rows, features), prices and weights of shape (rows,).

    ``is_whole`` says that no row is left out.
    """

    codes: Codes
    labels: Values
    weights: Values
    is_whole: bool


@dataclass(frozen=True)
class CodedFold:
    """What a trial is fitted on and judged by."""

    training: Coded
    validation: Coded

    def few(self, count: int) -> "CodedFold":
        """With so many training rows; a ``row_key`` is a hash, so the first ones are a sample."""
        rows = self.training
        training = Coded(rows.codes[:count], rows.labels[:count], rows.weights[:count], is_whole=False)
        return CodedFold(training, self.validation)


def read_fold(fold: Fold, vector: str, max_bytes: int) -> tuple[Bins, CodedFold]:
    """The bins of a fold, learned from at most 200,000 training rows, and its coded rows.

    Args:
        fold: Prepared rows.
        vector: Name of the feature vector.
        max_bytes: Bound of the codes that the driver holds; beyond it, the rows with the smallest hashes.
    """
    labels, _, values = _read(_sampled(fold.training, SAMPLE_ROWS), vector)
    bins = learn_bins(values, labels, categories_of(fold.training, vector))
    most = max_bytes // len(bins.cuts)
    return bins, CodedFold(_part(fold.training, vector, bins, most), _part(fold.validation, vector, bins, most))


def coded_rows(rows: DataFrame, vector: str, bins: Bins) -> DataFrame:
    """Rows with their codes, a byte per feature, instead of the vector."""

    def code(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            codes = bins.codes(_matrix(batch.column("values")))
            kept = {name: batch.column(name) for name in ("row_key", LABEL, WEIGHT)}
            yield pa.record_batch({**kept, "codes": _packed(codes)})

    plain = rows.select("row_key", LABEL, WEIGHT, vector_to_array(F.col(vector)).alias("values"))
    return plain.mapInArrow(code, _CODED)


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


def categories_of(rows: DataFrame, vector: str) -> dict[int, int]:
    """Number of categories of each categorical place of a feature vector."""
    described = _attributes(rows, vector).get("attrs", {}).get("nominal", [])
    return {one["idx"]: one.get("num_vals") or len(one["vals"]) for one in described}


def signs_of(rows: DataFrame, vector: str, monotone: Mapping[str, int]) -> tuple[int, ...]:
    """For each place of a feature vector 1 (prices rise), -1 (they fall) or 0; empty where no feature is constrained.

    Args:
        rows: Prepared rows.
        vector: Name of the feature vector.
        monotone: Signs by the name that the vector gives a feature; a feature that was not selected has no place.
    """
    described = _attributes(rows, vector)
    places = [one for kind in described.get("attrs", {}).values() for one in kind]
    signs = {one["idx"]: monotone[one["name"]] for one in places if one.get("name") in monotone}
    return tuple(signs.get(place, 0) for place in range(described["num_attrs"])) if signs else ()


def _attributes(rows: DataFrame, vector: str) -> dict[str, Any]:
    described: dict[str, Any] = rows.schema[vector].metadata.get("ml_attr", {})
    return described


def _part(rows: DataFrame, vector: str, bins: Bins, most: int) -> Coded:
    """All rows coded, or so many; few are coded here, which spares the start of Python on the executors."""
    count = rows.count()
    if count <= min(SAMPLE_ROWS, most):
        labels, weights, values = _read(rows, vector)
        return Coded(bins.codes(values), labels, weights, is_whole=True)
    coded = coded_rows(rows, vector, bins)
    table = (coded if count <= most else _sampled(coded, most)).toArrow().sort_by("row_key")  # so many rows at most
    codes, labels, weights = unpacked(table)
    return Coded(codes, labels, weights, is_whole=len(labels) == count)


def _read(rows: DataFrame, vector: str) -> tuple[Values, Values, Values]:
    """Prices, weights and feature values in order of key; the caller bounds the rows."""
    plain = rows.select("row_key", LABEL, WEIGHT, vector_to_array(F.col(vector)).alias("values"))
    table = plain.toArrow().sort_by("row_key")
    return _numbers(table, LABEL), _numbers(table, WEIGHT), _matrix(table["values"].combine_chunks())


def _numbers(table: pa.Table, name: str) -> Values:
    numbers: Values = table[name].to_numpy().astype(np.float64)
    return numbers


def _matrix(lists: pa.Array) -> Values:
    values: Values = lists.flatten().to_numpy(zero_copy_only=False).reshape(len(lists), -1)
    return values


def _sampled(rows: DataFrame, most: int) -> DataFrame:
    """The rows whose keys have the smallest hashes."""
    return rows.orderBy(F.xxhash64(F.lit("bins"), "row_key"), "row_key").limit(most)
