"""Quality gates inside the stages: what is checked on the way into a table, the record of it, and the verdict.

Each function returns a sentence per failed gate that does not stop the stage, and raises ``GateRefusedError`` for one
that does; the verdicts are in ``quality_results`` either way.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import changes, expectations
from housing_spark.expectations import GateResult
from housing_spark.quality import BatchCount
from housing_spark.schemas.quality import QUALITY_RESULTS
from housing_spark.tables import Job, StageReport


def gate_sales(job: Job, placed: DataFrame, before: StageReport | None) -> list[str]:
    """Check the sales that arrived, fit or not, against the contract and the batch before.

    Rows that are only to be priced are compared with no batch, and no batch with them.
    """
    run, earlier = job.run, None
    reference = before.details["reference"] if before else None
    if before is not None and reference and not run.is_label_optional:
        kept = run.warehouse.read("clean", before.tables["clean"])
        last = kept.where(F.col("batch_id") == reference["batch"])
        earlier = expectations.describe_batch(last, reference["rows"], run.contract)
    batch = placed.where(~F.col("is_kept"))
    results = expectations.expect_sales(batch, run.contract, run.settings.quality.for_table("clean"), earlier)
    return _judge(job, results, "clean")


def gate_features(job: Job, described: DataFrame) -> list[str]:
    """Check described sales."""
    settings = job.run.settings.quality.for_table("features")
    return _judge(job, expectations.expect_features(described, job.run.contract, settings), "features")


def gate_predictions(job: Job, priced: DataFrame) -> list[str]:
    """Check prices before they are published."""
    results = expectations.expect_predictions(priced, job.run.settings.quality.for_table("predictions"))
    return _judge(job, results, "predictions")


def newest_batch(batches: dict[str, BatchCount], before: StageReport | None, job: Job) -> dict[str, Any]:
    """What the next clean goes on from, and the batch that its own is compared with: rows to be priced are none."""
    kept: Mapping[str, Any] = before.details if before else {"last_batch": "", "reference": None}
    last = max(batches, default=kept["last_batch"])
    is_reference = batches and not job.run.is_label_optional
    reference = {"batch": last, "rows": batches[last].rows_in} if is_reference else kept["reference"]
    return {"reference": reference} | changes.written_to(job.report.tables["clean"], before, last)


def _judge(job: Job, results: list[GateResult], table: str) -> list[str]:
    ((source, version),) = job.versions.items()
    same = {
        "run_id": job.run.run_id, "table": table, "source": source, "version": version, "checked_at": datetime.now(UTC)
    }  # fmt: skip
    rows = [same | row for result in results for row in result.rows()]
    if rows:
        job.record(job.rows(QUALITY_RESULTS, rows), QUALITY_RESULTS)
    return expectations.check_gates(results, table, job.run.settings.quality)
