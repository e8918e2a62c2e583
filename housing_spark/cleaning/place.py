"""Where every row of a batch goes: accepted, duplicate, superseded or unfit."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.cleaning.resolve import ACCEPTED, SUPERSEDED, with_standing
from housing_spark.contract import Contract
from housing_spark.schemas.sales import QUARANTINE, REASONS, SUPERSEDED_CODE, clean_table, reason_expr

UNFIT = "unfit"


def place_sales(parsed: DataFrame, kept: DataFrame | None, contract: Contract) -> DataFrame:
    """Every parsed row with its ``standing``, and the kept rows (``is_kept``) that share a key with them.

    Looks at the keys of the clean table at once, to leave its rows unread where none is shared.

    Args:
        parsed: Sales with ``reasons``.
        kept: The clean table so far; ``None``: nothing is kept.
        contract: Columns and label.
    """
    columns = [*clean_table(contract).columns, "raw_record", "reasons"]
    new = parsed.select(*columns, F.lit(False).alias("is_kept"))
    is_fit = F.size("reasons") == 0
    fit = new.where(is_fit)
    if kept is not None and _share_keys(kept, fit):
        rivals = kept.join(fit.select("row_key").distinct(), on="row_key", how="left_semi")
        record = F.to_json(F.struct(*contract.columns)).alias("raw_record")
        known = rivals.select(*clean_table(contract).columns, record, F.array().cast(REASONS).alias("reasons"))
        fit = fit.unionByName(known.withColumn("is_kept", F.lit(True)))
    nowhere = F.lit(None).cast("string")
    unfit = new.where(~is_fit).withColumns({"standing": F.lit(UNFIT), "replacing_batch": nowhere})
    return with_standing(fit, contract.label).unionByName(unfit)


def _share_keys(kept: DataFrame, fit: DataFrame) -> bool:
    """Whether any key is in both."""
    return kept.select("row_key").join(fit.select("row_key"), on="row_key", how="left_semi").limit(1).count() > 0


def accepted_sales(placed: DataFrame, contract: Contract) -> DataFrame:
    """The new rows of the clean table."""
    return clean_table(contract).select(placed.where((F.col("standing") == ACCEPTED) & ~F.col("is_kept")))


def refused_sales(placed: DataFrame) -> DataFrame:
    """The rows of quarantine: unfit ones, and those that a row of the same key replaced."""
    superseded = F.array(reason_expr(SUPERSEDED_CODE, rule=SUPERSEDED)).cast(REASONS)
    aside = placed.where(F.col("standing").isin(UNFIT, SUPERSEDED))
    reasons = F.when(F.col("standing") == SUPERSEDED, superseded).otherwise(F.col("reasons"))
    return QUARANTINE.select(aside.withColumns({"reasons": reasons, "quarantined_at": F.current_timestamp()}))
