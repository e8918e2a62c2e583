"""Choosing rows by a hash of what names them: the same rows whatever the layout, the cluster or a retry."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

_HASH_BITS = 53


def hash_share(*columns: str, salt: str) -> Column:
    """A number in [0, 1) that depends on the columns and the salt alone."""
    bits = F.xxhash64(F.lit(salt), *(F.col(name) for name in columns))
    return F.pmod(bits, F.lit(1 << _HASH_BITS)) / F.lit(float(1 << _HASH_BITS))


def first_by_hash(rows: DataFrame, most: int, *, salt: str) -> DataFrame:
    """At most so many rows, in order of a hash of their ``row_key``."""
    return rows.orderBy(F.xxhash64(F.lit(salt), F.col("row_key")), "row_key").limit(most)
