"""Rows chosen and told apart by hashes of their values: the same whatever the layout, the cluster or a retry."""

from collections.abc import Iterable

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


def fingerprint(columns: Iterable[str]) -> Column:
    """128 bits of values and of which are null, as 32 hex digits: two xxHash64 (Collet) that begin differently.

    For contents that are compared and never named: one of JSON, as keys have it, is much of the time a row takes.
    """
    values = [part for name in columns for part in (F.col(name), F.col(name).isNull())]
    halves = (F.lpad(F.lower(F.hex(F.xxhash64(F.lit(start), *values))), 16, "0") for start in (0, 1))
    return F.concat(*halves)
