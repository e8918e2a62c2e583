"""Comparable sales of explained homes: what is known of each beside its reasons, and the training sales to name."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.contract import Contract
from housing_spark.explanation import ABOUT, BASE, CONTRIBUTIONS, Homes, Nearness, with_comparables
from housing_spark.hashing import first_by_hash
from housing_spark.settings.explanation import Explanation

_NAN = float("nan")


def about(contract: Contract) -> list[Column]:
    """What comparable sales are looked for by, of rows of the features table."""
    place = contract.location.columns if contract.location else ()
    first, second = (
        (F.coalesce(F.col(name).cast("double"), F.lit(_NAN)) for name in place) if place else (F.lit(_NAN),) * 2
    )
    key = F.concat_ws(",", *(F.col(name).cast("string") for name in contract.key)) if contract.key else F.col("row_key")
    time = F.unix_micros(F.col("event_time").cast("timestamp")) if contract.event_time else F.lit(None).cast("bigint")
    return [
        first.alias("_first"), second.alias("_second"), time.alias("_time"), key.alias("_key"),
        F.xxhash64(F.coalesce("group_key", "row_key")).alias("_group"),
        F.coalesce(F.col("label"), F.lit(_NAN)).alias("_sold_for"),
    ]  # fmt: skip


def chosen(rows: DataFrame, most: int) -> DataFrame:
    """So many rows by hash of their key, spread over the executors again."""
    first = first_by_hash(rows, most, salt="explanation")
    return first.repartition(rows.sparkSession.sparkContext.defaultParallelism, "row_key")


def compared(found: DataFrame, pool: DataFrame, contract: Contract, settings: Explanation) -> DataFrame:
    """Explained rows with their comparable sales.

    Args:
        found: Explained rows.
        pool: Explained training rows, as many as the driver and every task may hold (``comparable_pool``).
        contract: Says whether places are on a grid.
        settings: How many sales, and how far away.
    """
    is_flat = contract.location is not None and contract.location.x is not None
    sales = Homes.of(pool.select(*ABOUT, BASE, CONTRIBUTIONS).toArrow().sort_by("_key"))
    return with_comparables(found, sales, Nearness(settings.comparables, settings.comparable_reach, is_flat))
