"""Quality gates inside the stages: what is checked on the way into a table, the record of it, and the verdict.

A failed gate that does not stop the stage leaves a sentence; each function raises ``GateRefusedError`` for one
that does; the verdicts are in ``quality_results`` either way.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import cleaning, expectations
from housing_spark.contract import Contract
from housing_spark.expectations import GateResult, Reference
from housing_spark.quality import BatchCount
from housing_spark.schemas.quality import QUALITY_RESULTS
from housing_spark.session import at_once
from housing_spark.tables import Job, StageReport


def gate_sales(
    job: Job, placed: DataFrame, batches: Mapping[str, BatchCount], before: StageReport | None
) -> dict[str, Any]:
    """Check the sales that arrived, fit or not, against the contract and the batch before.

    Rows that are only to be priced are compared with no batch, and no batch with them.

    Returns:
        What ``clean`` records: ``warnings``, and the ``reference`` that the next batch is compared with.
    """
    contract, settings = job.run.contract, job.run.settings.quality.for_table("clean")
    known, is_compared = before and before.details["reference"], not job.run.is_label_optional
    earlier = Reference.of(known) if known and is_compared else None
    results, reference = at_once(
        lambda: expectations.expect_sales(placed.where(~F.col("is_kept")), contract, settings, earlier),
        lambda: _described(placed, batches, contract) if batches and is_compared else known,
    )
    return {"warnings": _judge(job, results, "clean"), "reference": reference}


def _described(placed: DataFrame, batches: Mapping[str, BatchCount], contract: Contract) -> dict[str, Any] | None:
    """The newest batch, as the next one is compared with it."""
    newest = max(batches)
    accepted = cleaning.accepted_sales(placed, contract).where(F.col("batch_id") == newest)
    found = expectations.describe_batch(accepted, batches[newest].rows_in, contract)
    return found.noted() if found else None


def gate_features(job: Job, described: DataFrame) -> list[str]:
    """Check described sales."""
    settings = job.run.settings.quality.for_table("features")
    return _judge(job, expectations.expect_features(described, job.run.contract, settings), "features")


def gate_predictions(job: Job, priced: DataFrame) -> list[str]:
    """Check prices before they are published."""
    results = expectations.expect_predictions(priced, job.run.settings.quality.for_table("predictions"))
    return _judge(job, results, "predictions")


def _judge(job: Job, results: list[GateResult], table: str) -> list[str]:
    ((source, version),) = job.versions.items()
    same = {
        "run_id": job.run.run_id, "table": table, "source": source, "version": version, "checked_at": datetime.now(UTC)
    }  # fmt: skip
    rows = [same | row for result in results for row in result.rows()]
    if rows:
        job.record(job.rows(QUALITY_RESULTS, rows), QUALITY_RESULTS)
    return expectations.check_gates(results, table, job.run.settings.quality)
