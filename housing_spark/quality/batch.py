"""How a batch came through, and whether it may be published."""

from dataclasses import dataclass, fields

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.errors import GateRefusedError, TableDamagedError
from housing_spark.settings.quality import Quality


@dataclass(frozen=True)
class BatchCount:
    """Rows of a batch by where they went; ``replaced`` rows were in the table and gave way to rows of the batch."""

    rows_in: int
    unfit: int
    superseded: int
    duplicates: int
    accepted: int
    replaced: int

    @property
    def quarantined(self) -> int:
        """Rows that go to quarantine."""
        return self.unfit + self.superseded + self.replaced

    @property
    def growth(self) -> int:
        """Rows that the clean table grows by: rows in = growth + quarantined + duplicates."""
        return self.accepted - self.replaced

    def noted(self) -> dict[str, int]:
        """As a stage reports its rows."""
        return {
            "rows_in": self.rows_in, "rows_out": self.growth, "rows_quarantined": self.quarantined,
            "rows_duplicate": self.duplicates,
        }  # fmt: skip


def count_batches(placed: DataFrame) -> dict[str, BatchCount]:
    """The rows of every batch by where they went; as many rows come to the driver as there are batches."""
    standing, is_new = F.col("standing"), ~F.col("is_kept")
    names = {"unfit": "unfit", "superseded": "superseded", "duplicates": "duplicate", "accepted": "accepted"}
    counts = [F.count_if(is_new & (standing == value)).alias(name) for name, value in names.items()]
    # A kept row is counted in the batch that replaced it, not in its own.
    replaced = F.count_if(~is_new & (standing == "superseded")).alias("replaced")
    by_batch = placed.groupBy(F.coalesce("replacing_batch", "batch_id").alias("batch_id"))
    rows = by_batch.agg(F.count_if(is_new).alias("rows_in"), *counts, replaced).orderBy("batch_id").collect()
    found = {row["batch_id"]: row.asDict() for row in rows}
    return {batch: BatchCount(**{k: v for k, v in row.items() if k != "batch_id"}) for batch, row in found.items()}


def total(batches: dict[str, BatchCount]) -> BatchCount:
    """The counts of all batches together."""
    names = [field.name for field in fields(BatchCount)]
    return BatchCount(**{name: sum(getattr(count, name) for count in batches.values()) for name in names})


def check_batches(batches: dict[str, BatchCount], rows_in: int, settings: Quality) -> None:
    """Refuse lost rows and bad batches, before anything is published.

    Raises:
        TableDamagedError: A row was lost or doubled on the way.
        GateRefusedError: Too large a share of a batch is unfit.
    """
    placed = sum(count.growth + count.quarantined + count.duplicates for count in batches.values())
    if placed != rows_in:
        raise TableDamagedError("E-DQ-002", f"{rows_in} raw rows in, {placed} placed: a row was lost or doubled; a bug")
    for batch, count in batches.items():
        share = count.unfit / count.rows_in if count.rows_in else 0.0
        if share > settings.max_quarantined_share:
            raise GateRefusedError(
                "E-DQ-001",
                f"batch {batch}: {share:.1%} of {count.rows_in} rows failed, limit "
                f"{settings.max_quarantined_share:.1%}; nothing published. Mend the contract, raise "
                f"quality.max_quarantined_share, or take the batch out (housing withdraw {batch}) and mend the input",
            )


def check_written(counts: BatchCount, written: dict[str, int]) -> None:
    """Compare what Delta says it wrote with what was counted.

    Args:
        counts: The counts of the job.
        written: Rows by Delta's bookkeeping, by the name of the count.

    Raises:
        TableDamagedError: They differ.
    """
    for name, rows in written.items():
        if rows != getattr(counts, name):
            raise TableDamagedError("E-DQ-002", f"{name}: {getattr(counts, name)} rows counted, {rows} written; a bug")
