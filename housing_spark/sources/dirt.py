"""Dirt on demand in the synthetic market: rows as real sources send them, each fault in a share of the rows."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.sources.draws import uniform

_REPEATED_KEY, _DUPLICATE = "repeated_key", "duplicate"
# The column, what stands there instead, and what stands there otherwise, in SQL.
_SPOILED: dict[str, tuple[str, str, str]] = {
    "unreadable": ("rooms", "'many'", "cast(rooms AS string)"),
    "missing": ("latitude", "null", "latitude"),
    "range": ("condition", "9", "condition"),
    "unknown": ("dwelling", "'castle'", "dwelling"),
    "rule": ("built", "year(sold_on) + 50", "built"),
}
DIRT: tuple[str, ...] = (*_SPOILED, _REPEATED_KEY, _DUPLICATE)


def with_dirt(sales: DataFrame, kinds: Sequence[str], share: float, seed: int) -> DataFrame:
    """The market with faults; whether a row has one depends on the seed and the row alone.

    Args:
        sales: Of the market.
        kinds: Names of ``DIRT``: a number that is none, a required value missing, a value out of its range, an unknown
            category, a broken rule of the contract, a second row with the key of another, the same row once more.
        share: Of the rows, for each kind.
        seed: Of the draw.
    """
    is_hit = {kind: uniform(seed, f"dirt {kind}") < share for kind in kinds}
    spoiled = {
        column: F.when(is_hit[kind], F.expr(bad)).otherwise(F.expr(good))
        for kind, (column, bad, good) in _SPOILED.items()
        if kind in is_hit
    }
    dirty = sales.withColumns(spoiled)
    if _REPEATED_KEY in is_hit:
        dirty = _once_more(dirty.where(is_hit[_REPEATED_KEY]), dirty, dearer_by=1_000)
    if _DUPLICATE in is_hit:
        dirty = _once_more(dirty.where(is_hit[_DUPLICATE]), dirty, dearer_by=0)
    return dirty


def _once_more(again: DataFrame, rows: DataFrame, dearer_by: int) -> DataFrame:
    return rows.unionByName(again.withColumn("price", F.col("price") + dearer_by))
