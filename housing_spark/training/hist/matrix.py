"""Prepared rows as coded matrices: on the driver up to a bound, coded on the executors beyond it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.training.hist.bins import Bins, Codes, Values, learn_bins
from housing_spark.training.prepare import LABEL, Fold

# As LightGBM does: more rows move the cut points less than the split does.
SAMPLE_ROWS = 200_000
_CODED = "row_key string, label double, codes binary"


@dataclass(frozen=True)
class Coded:
    """Coded rows in order of ``row_key``: codes of shape (rows, features), prices of shape (rows,).

    ``is_whole`` says that no row is left out.
    """

    codes: Codes
    labels: Values
    is_whole: bool


@dataclass(frozen=True)
class CodedFold:
    """What a trial is fitted on and judged by."""

    training: Coded
    validation: Coded


def read_fold(fold: Fold, vector: str, max_bytes: int) -> tuple[Bins, CodedFold]:
    """The bins of a fold, learned from at most 200,000 training rows, and its coded rows.

    Args:
        fold: Prepared rows.
        vector: Name of the feature vector.
        max_bytes: Bound of the codes that the driver holds; beyond it, the rows with the smallest hashes.
    """
    labels, values = _read(_sampled(fold.training, SAMPLE_ROWS), vector)
    bins = learn_bins(values, labels, categories_of(fold.training, vector))
    most = max_bytes // len(bins.cuts)
    return bins, CodedFold(_part(fold.training, vector, bins, most), _part(fold.validation, vector, bins, most))


def coded_rows(rows: DataFrame, vector: str, bins: Bins) -> DataFrame:
    """Rows with their codes, a byte per feature, instead of the vector."""

    def code(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            codes = bins.codes(_matrix(batch.column("values")))
            packed = pa.array([row.tobytes() for row in codes], pa.binary())
            yield pa.record_batch({"row_key": batch.column("row_key"), "label": batch.column("label"), "codes": packed})

    plain = rows.select("row_key", LABEL, vector_to_array(F.col(vector)).alias("values"))
    return plain.mapInArrow(code, _CODED)


def unpacked(coded: pa.Table) -> tuple[Codes, Values]:
    """Codes and prices of collected ``coded_rows``."""
    codes = np.frombuffer(b"".join(coded["codes"].to_pylist()), np.uint8)
    return codes.reshape(coded.num_rows, -1), coded["label"].to_numpy().astype(np.float64)


def categories_of(rows: DataFrame, vector: str) -> dict[int, int]:
    """Number of categories of each categorical place of a feature vector."""
    described = rows.schema[vector].metadata.get("ml_attr", {}).get("attrs", {}).get("nominal", [])
    return {one["idx"]: one.get("num_vals") or len(one["vals"]) for one in described}


def _part(rows: DataFrame, vector: str, bins: Bins, most: int) -> Coded:
    """All rows coded, or so many; few are coded here, which spares the start of Python on the executors."""
    count = rows.count()
    if count <= min(SAMPLE_ROWS, most):
        labels, values = _read(rows, vector)
        return Coded(bins.codes(values), labels, is_whole=True)
    table = _sampled(coded_rows(rows, vector, bins), most).toArrow().sort_by("row_key")  # so many rows at most
    codes, labels = unpacked(table)
    return Coded(codes, labels, is_whole=len(labels) == count)


def _read(rows: DataFrame, vector: str) -> tuple[Values, Values]:
    """Prices and feature values in order of key; the caller bounds the rows."""
    table = rows.select("row_key", LABEL, vector_to_array(F.col(vector)).alias("values")).toArrow().sort_by("row_key")
    return table["label"].to_numpy().astype(np.float64), _matrix(table["values"].combine_chunks())


def _matrix(lists: pa.Array) -> Values:
    values: Values = lists.flatten().to_numpy(zero_copy_only=False).reshape(len(lists), -1)
    return values


def _sampled(rows: DataFrame, most: int) -> DataFrame:
    """The rows whose keys have the smallest hashes."""
    return rows.orderBy(F.xxhash64(F.lit("bins"), "row_key"), "row_key").limit(most)
