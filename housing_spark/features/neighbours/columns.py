"""What the neighbours' stage reads of Spark's rows, and what it gives back."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.features.neighbours.facts import IDENTITIES, KEY, PRICE, TIME, Facts
from housing_spark.features.neighbours.nearest import Numbers, Whole
from housing_spark.features.neighbours.reference import Rows
from housing_spark.features.neighbours.space import DEGREES
from housing_spark.features.neighbours.wider import WiderFacts
from housing_spark.features.place import Place

# A row without a group shares it with no sale that has none.
_NOBODY, _UNKNOWN = -(2**63), 1 - 2**63
_NOW, _LARGEST = 2**63 - 1, float(np.finfo(np.float64).max)
_HASH_SPAN = 1 << 40


def reference_rows(rows: DataFrame, place: Place, features: Sequence[str]) -> DataFrame:
    """Rows with a price and a place that can be, as numbers; what is missing is NaN."""
    group, content = (one.alias(name) for name, one in zip(IDENTITIES, _identity_exprs(rows, _UNKNOWN), strict=True))
    price, key = F.col("label").cast("double").alias(PRICE), F.xxhash64("row_key").alias(KEY)
    names = dict.fromkeys((*place.columns, *features))
    numbers = (F.coalesce(F.col(name).cast("double"), F.lit(float("nan"))).alias(name) for name in names)
    known = rows.where(_is_reference(place))
    return known.select(price, key, _time_expr(rows).alias(TIME), group, content, *numbers)


def count_rows(rows: DataFrame, place: Place) -> tuple[int, int]:
    """All of them, and those that ``reference_rows`` gives, in one pass."""
    [counts] = rows.agg(F.count(F.lit(1)), F.count_if(_is_reference(place))).collect()
    return counts[0], counts[1]


def _is_reference(place: Place) -> Column:
    """Whether a row has a price and a place that can be."""
    first, second = (F.col(name).cast("double") for name in place.columns)
    most_first, most_second = (_LARGEST, _LARGEST) if place.is_flat else DEGREES
    # Spark orders NaN above every number.
    is_placed = (F.abs(first) <= most_first) & (F.abs(second) <= most_second)
    return F.coalesce(is_placed, F.lit(False)) & F.col("label").isNotNull()


def _share_expr(key: str) -> Column:
    """A number in [0, 1) that depends on the key alone."""
    return F.pmod(F.col(key), F.lit(_HASH_SPAN)) / F.lit(float(_HASH_SPAN))


def in_order(rows: DataFrame) -> pa.Table:
    """Rows that the caller has bounded, in the order of their keys' hashes, whatever the layout."""
    return rows.toArrow().sort_by(KEY).combine_chunks()


def some_of(reference: pa.Table | DataFrame, count: int, most: int) -> pa.Table:
    """Reference rows in order: all, or about so many that their keys' hashes choose; the same whatever holds them."""
    if isinstance(reference, pa.Table):
        is_chosen = np.mod(reference[KEY].to_numpy(), _HASH_SPAN) / _HASH_SPAN < most / max(count, 1)
        return reference.filter(is_chosen)
    return in_order(reference if count <= most else reference.where(_share_expr(KEY) < most / count))


def asked(rows: DataFrame, facts: Facts | WiderFacts) -> list[Column]:
    """What the lookup is told of a row: numbers in one column, since a column costs more than a number."""
    numbers = [
        F.col(name).cast("double") if name in rows.columns else F.lit(None).cast("double")
        for name in (*facts.location, *facts.features)
    ]
    return [F.array(*numbers), *_identity_exprs(rows, _NOBODY), _time_expr(rows)]


def _identity_exprs(rows: DataFrame, unknown: int) -> list[Column]:
    """Hashes of the group and the content; where a row has none, what stands for that."""
    return [
        F.when(F.col(name).isNotNull(), F.xxhash64(name)).otherwise(F.lit(unknown))
        if name in rows.columns else F.lit(unknown)
        for name in ("group_key", "content_hash")
    ]  # fmt: skip


def _time_expr(rows: DataFrame) -> Column:
    """When a row is priced, microseconds; one without a time is priced after every sale."""
    if "event_time" not in rows.columns:
        return F.lit(_NOW)
    return F.coalesce(F.unix_micros(F.col("event_time").cast("timestamp")), F.lit(_NOW))


def rows_of(facts: Facts | WiderFacts, numbers: pa.Array, group: pa.Array, content: pa.Array, when: pa.Array) -> Rows:
    """A batch of what ``asked`` names."""
    width = 2 + len(facts.features)
    values = numbers.flatten().to_numpy(zero_copy_only=False).astype(np.float64).reshape(-1, width)
    identities = np.column_stack([group.to_numpy(zero_copy_only=False), content.to_numpy(zero_copy_only=False)])
    return Rows(values[:, :2], values[:, 2:], identities, when.to_numpy(zero_copy_only=False))


def as_lists(found: Numbers | Whole) -> pa.Array:
    """A list for each row of numbers."""
    ends = np.arange(len(found) + 1, dtype=np.int32) * found.shape[1]
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(found.ravel()))
