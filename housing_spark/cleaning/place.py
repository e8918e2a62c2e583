"""Where every row of a batch goes: accepted, duplicate, superseded or unfit."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.cleaning.keys import COPIES
from housing_spark.cleaning.resolve import ACCEPTED, SUPERSEDED, with_standing
from housing_spark.contract import Contract
from housing_spark.materializing import materialized
from housing_spark.schemas.sales import QUARANTINE, REASONS, SUPERSEDED_CODE, clean_table, reason_expr

UNFIT = "unfit"


def place_sales(parsed: DataFrame, rivals: DataFrame | None, contract: Contract) -> DataFrame:
    """Every parsed row with its ``standing``, and the kept rows (``is_kept``) that share a key with them.

    Args:
        parsed: Sales with ``reasons`` and ``copies``.
        rivals: Kept rows that share a key with them, in the columns of ``parsed``; ``None``: none does.
        contract: Columns and label.
    """
    new = parsed.withColumn("is_kept", F.lit(False))
    is_fit = F.size("reasons") == 0
    is_compared = is_fit & F.col(COPIES).isNotNull()
    compared = new.where(is_compared)
    if rivals is not None:
        compared = compared.unionByName(rivals.withColumn("is_kept", F.lit(True)))
    standing = F.when(is_fit, ACCEPTED).otherwise(UNFIT)
    alone = new.where(~is_compared).withColumns({"standing": standing, "replacing_batch": F.lit(None).cast("string")})
    return alone.unionByName(materialized(with_standing(compared, contract.label)))


def accepted_sales(placed: DataFrame, contract: Contract) -> DataFrame:
    """The new rows of the clean table."""
    return clean_table(contract).select(placed.where((F.col("standing") == ACCEPTED) & ~F.col("is_kept")))


def refused_sales(placed: DataFrame) -> DataFrame:
    """The rows of quarantine: unfit ones, and those that a row of the same key replaced."""
    superseded = F.array(reason_expr(SUPERSEDED_CODE, rule=SUPERSEDED)).cast(REASONS)
    aside = placed.where(F.col("standing").isin(UNFIT, SUPERSEDED))
    reasons = F.when(F.col("standing") == SUPERSEDED, superseded).otherwise(F.col("reasons"))
    return QUARANTINE.select(aside.withColumns({"reasons": reasons, "quarantined_at": F.current_timestamp()}))
