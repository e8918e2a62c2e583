"""Keys that more than one row has: only their rows have to be compared, and most keys have one."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.cleaning.keys import COPIES, MARK, key_columns, mark_expr
from housing_spark.cleaning.parse import is_named, typed_values
from housing_spark.contract import Contract
from housing_spark.materializing import materialized
from housing_spark.schemas.sales import CORRUPT_RECORD, REASONS, clean_table

_IS_KEPT = "is_kept"


@dataclass(frozen=True)
class Shared:
    """``keys``: marks of keys that several rows have, and how many new rows do; ``rivals``: kept rows of such keys."""

    keys: DataFrame
    rivals: DataFrame | None


def shared_keys(raw: DataFrame, kept: DataFrame | None, contract: Contract) -> Shared:
    """The keys that rows of a batch share with each other or with kept rows; of all rows, only key columns are read.

    Args:
        raw: Rows of the raw table.
        kept: The clean table so far; ``None``: nothing is kept.
        contract: Key and types.
    """
    named = typed_values(raw, contract, key_columns(contract)).where(is_named(contract))
    counts = named.groupBy(mark_expr(contract).alias(MARK)).agg(F.count(F.lit(1)).alias(COPIES))
    if kept is None:
        return Shared(materialized(counts.where(F.col(COPIES) > 1)), None)
    counts = materialized(counts)
    marked = kept.withColumn(MARK, mark_expr(contract))
    known = materialized(marked.select(MARK).join(counts, on=MARK, how="left_semi").distinct())
    flagged = counts.join(known.withColumn(_IS_KEPT, F.lit(True)), on=MARK, how="left")
    keys = materialized(flagged.where((F.col(COPIES) > 1) | F.col(_IS_KEPT)))
    return Shared(keys, None if known.isEmpty() else _rivals(marked.join(known, on=MARK, how="left_semi"), contract))


def with_copies(parsed: DataFrame, shared: Shared) -> DataFrame:
    """Parsed sales with ``copies`` of their key, and ``raw_record`` in place of what arrived.

    ``copies`` is null where no other row has the key, ``raw_record`` where nobody will ask for it: of fit rows alone.
    """
    counted = parsed.join(shared.keys.select(MARK, COPIES), on=MARK, how="left")  # unique per mark
    is_asked_for = (F.size("reasons") > 0) | F.col(COPIES).isNotNull()
    record = F.when(is_asked_for, F.coalesce(CORRUPT_RECORD, F.to_json("arrived")))
    return counted.withColumn("raw_record", record).drop(MARK, CORRUPT_RECORD, "arrived")


def _rivals(kept: DataFrame, contract: Contract) -> DataFrame:
    """Kept rows as new ones are placed."""
    extra = {
        "reasons": F.array().cast(REASONS),
        COPIES: F.lit(None).cast("bigint"),
        "raw_record": F.to_json(F.struct(*contract.columns)),
    }
    return kept.withColumns(extra).select(*clean_table(contract).columns, *extra)
