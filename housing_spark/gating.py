"""What the promotion gate looks at, and its verdicts as rows."""

import logging
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import evaluation, judging, scoring
from housing_spark.errors import GateRefusedError, InputRefusedError
from housing_spark.evaluation import Comparison
from housing_spark.registry import PROMOTED_UNJUDGED, Decision, Gains, GateFigures, RegisteredModel, Registry, judge
from housing_spark.schemas.models import MODEL_METRICS, PROMOTION_DECISIONS
from housing_spark.settings.evaluation import Gate
from housing_spark.tables import Job, Run

_LOG = logging.getLogger(__name__)
_LEAST_BUCKETS = 30  # with fewer, what a resample gives is decided by a row or two


def decide(run: Run, registry: Registry, candidate: int, champion: int | None) -> list[Decision]:
    """The verdict of every rule on a candidate; the model is promoted when all passed."""
    if run.settings.gate.mode == "off":
        _LOG.warning("promote: gate.mode=off, %s version %d is promoted without being judged", registry.name, candidate)
        return [PROMOTED_UNJUDGED]
    return judge(gate_figures(run, registry, candidate, champion), run.settings.gate)


def gate_figures(run: Run, registry: Registry, candidate: int, champion: int | None) -> GateFigures:
    """What the gate looks at, on test rows of the candidate that the champion was not trained on either.

    Raises:
        GateRefusedError: There are too few such rows.
        InputRefusedError: The candidate was evaluated without what the gate looks at.
    """
    model, figures = registry.load(candidate), judging.test_figures(run, candidate)
    if "cod" not in figures:
        raise InputRefusedError(
            "E-GATE-004", f"version {candidate} was evaluated by earlier code, without cod; run evaluate again"
        )
    judged = judging.judged_rows(run, model).where(F.col("split") == "test")
    prices = {"candidate": F.col("prediction"), **{name: F.col(name) for name in evaluation.BASELINES}}
    if champion is not None:
        judged = judging.with_champion(run, judged, registry.load(champion), model.record["tables"]["features"])
        prices["champion"] = F.col("champion_prediction")
    errors, gate = evaluation.compare(judged, prices), run.settings.gate
    if champion is not None:
        _check_enough(errors, candidate, champion)
    gains = {
        name: errors.least_gain(name, "rmse", resamples=gate.resamples, confidence=gate.confidence)
        for name in evaluation.BASELINES
    }
    return GateFigures(
        gains["mean_price"], gains["ols"], champion_gains(errors, gate) if champion is not None else None,
        _worst_segment(run, candidate) / figures["rmse"], figures["coverage"], figures["median_ratio"], figures["cod"],
        _native_difference(model), len(model.record.get("leaks", ())),
    )  # fmt: skip


def champion_gains(errors: Comparison, gate: Gate) -> Gains:
    """What the candidate gains over the champion."""
    least = errors.least_gain("champion", "mae", resamples=gate.resamples, confidence=gate.confidence)
    return Gains(errors.gain("champion", "mae"), least, errors.gain("champion", "rmse"))


def _check_enough(errors: Comparison, candidate: int, champion: int) -> None:
    if errors.buckets < _LEAST_BUCKETS:
        raise GateRefusedError(
            "E-GATE-003", f"version {candidate} has {errors.buckets} groups of test rows that version {champion} was "
            f"not trained on, {_LEAST_BUCKETS} are needed to compare the two; add sales, or train with the champion's "
            "split"
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
    """The largest RMSE of a segment that the contract names; without segments, that of all rows."""
    metrics: dict[str, Any] = {"model_version": version, "split": "test", "metric": "rmse"}
    rows = run.warehouse.read(MODEL_METRICS.name).where(F.col("segment_column").isin("all", *run.contract.segments))
    for column, value in metrics.items():
        rows = rows.where(F.col(column) == value)
    return float(rows.agg(F.max("value")).collect()[0][0])
