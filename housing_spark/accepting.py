"""Raw rows to their places, and placed rows to their tables: what ``clean`` does between reading and its record."""

from pyspark.sql import DataFrame

from housing_spark import cleaning, quality
from housing_spark.contract import Contract
from housing_spark.materializing import materialized
from housing_spark.quality import BatchCount
from housing_spark.schemas.sales import QUARANTINE, clean_table
from housing_spark.session import at_once
from housing_spark.tables import Job


def place(raw: DataFrame, kept: DataFrame | None, contract: Contract) -> DataFrame:
    """Every raw row with its ``standing``, and the kept rows that share a key with them.

    Args:
        raw: New rows of the raw table.
        kept: The clean table so far; ``None``: there is none.
        contract: The dataset.
    """
    shared, parsed = at_once(
        lambda: cleaning.shared_keys(raw, kept, contract),
        lambda: cleaning.parse_sales(raw, contract, quality.objections(contract)),
    )
    return cleaning.place_sales(materialized(cleaning.with_copies(parsed, shared)), shared.rivals, contract)


def write(job: Job, placed: DataFrame, counts: BatchCount, *, is_first: bool) -> None:
    """Write accepted and refused rows to their tables; no table is touched that gets none.

    Raises:
        TableDamagedError: Delta wrote another number of rows than were counted.
    """
    written = {}
    if counts.accepted or is_first:
        grow = job.overwrite if is_first else job.merge if counts.replaced else job.append  # all keys are new
        accepted = cleaning.accepted_sales(placed, job.run.contract)
        written["growth"] = grow(accepted, clean_table(job.run.contract)).rows
    if counts.quarantined or is_first:
        add = job.overwrite if is_first else job.append
        written["quarantined"] = add(cleaning.refused_sales(placed), QUARANTINE).rows
    quality.check_written(counts, written)
