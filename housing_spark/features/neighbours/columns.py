"""What the neighbours' stage reads of Spark's rows, and what it gives back."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.features.neighbours.lookup import IDENTITIES, KEY, PRICE, TIME, Facts, Rows
from housing_spark.features.neighbours.nearest import Numbers

_NOBODY, _NOW = -(2**63), 2**63 - 1
_HASH_SPAN = 1 << 40


def reference_rows(rows: DataFrame, location: Sequence[str], features: Sequence[str]) -> DataFrame:
    """Rows with a place and a price, as numbers; what is missing is NaN."""
    group, content = (one.alias(name) for name, one in zip(IDENTITIES, identities(rows), strict=True))
    price, key = F.col("label").cast("double").alias(PRICE), F.xxhash64("row_key").alias(KEY)
    missing = F.lit(float("nan"))
    numbers = (
        F.coalesce(F.col(name).cast("double"), missing).alias(name) for name in dict.fromkeys((*location, *features))
    )
    kept = rows.select(price, key, time(rows).alias(TIME), group, content, *numbers)
    first, second = location
    return kept.where(~F.isnan(first) & ~F.isnan(second) & F.col(PRICE).isNotNull())


def share(key: str) -> Column:
    """A number in [0, 1) that depends on the key alone."""
    return F.pmod(F.col(key), F.lit(_HASH_SPAN)) / F.lit(float(_HASH_SPAN))


def in_order(rows: DataFrame) -> pa.Table:
    """Rows that the caller has bounded, in the order of their keys' hashes, whatever the layout."""
    return rows.toArrow().sort_by(KEY).combine_chunks()


def asked(rows: DataFrame, facts: Facts) -> list[Column]:
    """What the lookup is told of a row: numbers in one column, since a column costs more than a number."""
    numbers = [
        F.col(name).cast("double") if name in rows.columns else F.lit(None).cast("double")
        for name in (*facts.location, *facts.features)
    ]
    return [F.array(*numbers), *identities(rows), time(rows)]


def identities(rows: DataFrame) -> list[Column]:
    """Hashes of the group and the content; of a row without, one that no row has."""
    return [
        F.when(F.col(name).isNotNull(), F.xxhash64(name)).otherwise(F.lit(_NOBODY))
        if name in rows.columns else F.lit(_NOBODY)
        for name in ("group_key", "content_hash")
    ]  # fmt: skip


def time(rows: DataFrame) -> Column:
    """When a row is priced, microseconds; one without a time is priced after every sale."""
    if "event_time" not in rows.columns:
        return F.lit(_NOW)
    return F.coalesce(F.unix_micros(F.col("event_time").cast("timestamp")), F.lit(_NOW))


def rows(facts: Facts, numbers: pa.Array, group: pa.Array, content: pa.Array, when: pa.Array) -> Rows:
    """A batch of what ``asked`` names."""
    width = 2 + len(facts.features)
    values = numbers.flatten().to_numpy(zero_copy_only=False).astype(np.float64).reshape(-1, width)
    identities = np.column_stack([group.to_numpy(zero_copy_only=False), content.to_numpy(zero_copy_only=False)])
    return Rows(values[:, :2], values[:, 2:], identities, when.to_numpy(zero_copy_only=False))


def as_lists(found: Numbers) -> pa.Array:
    """A list for each row of numbers."""
    ends = np.arange(len(found) + 1, dtype=np.int32) * found.shape[1]
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(found.ravel()))
