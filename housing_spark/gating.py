"""What the promotion gate looks at, and its verdicts as rows."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import evaluation, judging, scoring
from housing_spark.registry import Decision, GateFigures, RegisteredModel, Registry
from housing_spark.schemas.models import MODEL_METRICS, PROMOTION_DECISIONS
from housing_spark.tables import Job, Run


def gate_figures(run: Run, registry: Registry, candidate: int, champion: int | None) -> GateFigures:
    """What the gate looks at, on test rows of the candidate that the champion was not trained on either."""
    model, figures = registry.load(candidate), judging.test_figures(run, candidate)
    judged = judging.judged_rows(run, model).where(F.col("split") == "test")
    prices = {"candidate": F.col("prediction"), "mean_price": F.col("mean_price"), "ols": F.col("ols")}
    if champion is not None:
        judged = judging.with_champion(run, judged, registry.load(champion), model.record["tables"]["features"])
        prices["champion"] = F.col("champion_prediction")
    errors = evaluation.bucket_errors(judged, prices)
    gate, others = run.settings.gate, [name for name in prices if name != "candidate"]
    gains = evaluation.relative_gains(errors, "candidate", others, resamples=gate.resamples, confidence=gate.confidence)
    return GateFigures(
        gains["mean_price"], gains["ols"], gains.get("champion"), _worst_segment(run, candidate) / figures["rmse"],
        figures["coverage"], _native_difference(model),
    )  # fmt: skip


def decision_rows(
    job: Job, model: str, candidate: int, champion: int | None, decisions: Sequence[Decision]
) -> DataFrame:
    """The gate's verdicts as rows of ``promotion_decisions``."""
    same = {
        "model_name": model,
        "candidate_version": candidate,
        "champion_version": champion,
        "decided_at": datetime.now(UTC),
    }
    return job.rows(PROMOTION_DECISIONS, [vars(decision) | same for decision in decisions])


def _native_difference(model: RegisteredModel) -> float | None:
    """What the parity certificate says; a model with trees and no certificate cannot pass."""
    if not judging.has_trees(model):
        return None
    certificate = scoring.read_certificate(model.folder)
    return certificate.largest_difference if certificate else math.inf


def _worst_segment(run: Run, version: int) -> float:
    metrics: dict[str, Any] = {"model_version": version, "split": "test", "metric": "rmse"}
    rows = run.warehouse.read(MODEL_METRICS.name)
    for column, value in metrics.items():
        rows = rows.where(F.col(column) == value)
    return float(rows.agg(F.max("value")).collect()[0][0])
