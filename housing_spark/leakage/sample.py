"""The rows that the guard looks at: a bounded sample on the driver, as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.hashing import hash_share

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_SALT = "leakage"
_PARTS = ("train", "test")


@dataclass(frozen=True)
class Sample:
    """Rows in order of a hash of their key.

    Attributes:
        numbers: Numeric features, NaN where missing, each of shape (rows,).
        codes: Categorical features as whole numbers, -1 where missing.
        label: Prices.
        is_training: Whether a row trains.
        is_test: Whether it is a test row.
        place: Two coordinates, shape (rows, 2); ``None``: rows have none.
        seconds: Times; ``None``: rows have none.
    """

    numbers: Mapping[str, Floats]
    codes: Mapping[str, NDArray[np.int64]]
    label: Floats
    is_training: Flags
    is_test: Flags
    place: Floats | None
    seconds: Floats | None

    @property
    def rank(self) -> Floats:
        """The order of prices, 0 to 1; equal prices share a place."""
        return ranks(self.label)


def read_sample(
    rows: DataFrame, numeric: Sequence[str], categorical: Sequence[str], place: Sequence[str], most: int
) -> Sample:
    """At most about so many rows, and of each what the guard reads.

    Args:
        rows: Labelled rows with ``split``, ``row_key``, ``event_time`` and the features.
        numeric: Numeric features.
        categorical: Categorical features.
        place: Columns of the location; empty: there is none.
        most: Bound of the rows, chosen by hash.
    """
    count = rows.count()
    chosen = rows if count <= most else rows.where(hash_share("row_key", salt=_SALT) < most / count)
    table = (
        chosen.select(*_columns(numeric, categorical, place), F.xxhash64(F.lit(_SALT), "row_key").alias("_order"))
        .toArrow()
        .sort_by("_order")
    )
    seconds = _floats(table, "_seconds")
    at = np.column_stack([_floats(table, f"_at_{name}") for name in place]) if place else None
    return Sample(
        {name: _floats(table, f"n_{name}") for name in numeric},
        {name: _coded(table, f"c_{name}") for name in categorical},
        _floats(table, "_label"),
        _flags(table, "_is_train"),
        _flags(table, "_is_test"),
        at,
        None if np.isnan(seconds).all() else seconds,
    )


def ranks(values: Floats) -> Floats:
    """Places in ascending order, 0 to 1; equal values share the middle of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middles: Floats = (ends - (counts - 1) / 2 - 0.5) / len(values)
    return middles[inverse]


def _columns(numeric: Sequence[str], categorical: Sequence[str], place: Sequence[str]) -> list[Column]:
    numbers = [F.col(name).cast("double").alias(f"n_{name}") for name in numeric]
    texts = [F.col(name).cast("string").alias(f"c_{name}") for name in categorical]
    at = [F.col(name).cast("double").alias(f"_at_{name}") for name in place]
    seconds = F.unix_seconds(F.col("event_time").cast("timestamp")).cast("double").alias("_seconds")
    parts = [(F.col("split") == part).alias(f"_is_{part}") for part in _PARTS]
    return [*numbers, *texts, *at, seconds, *parts, F.col("label").cast("double").alias("_label")]


def _flags(table: pa.Table, name: str) -> Flags:
    return np.asarray(table[name].to_numpy(), np.bool_)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), np.float64)


def _coded(table: pa.Table, name: str) -> NDArray[np.int64]:
    codes = table[name].combine_chunks().dictionary_encode().indices
    return np.asarray(codes.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
