"""Making a model: rows with their parts, the search, the range, and the record that goes with the model."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from housing_spark import evaluation, features, scoring, training
from housing_spark.contract import Contract, contract_hash
from housing_spark.errors import InputRefusedError
from housing_spark.evaluation import Ranges
from housing_spark.guarding import guard
from housing_spark.provenance import read_provenance
from housing_spark.registering import tracking_uri
from housing_spark.registry import Companion, Registry, Saved
from housing_spark.schemas.models import TRIALS
from housing_spark.session import at_once, cached
from housing_spark.settings import Settings
from housing_spark.settings.evaluation import Evaluation
from housing_spark.tables import Job, Run
from housing_spark.training import SearchPlan, SplitRecord, Tracker, Trial, Winner

_EXAMPLE_ROWS, _EXTRA_CATEGORIES = 5, 2


def train_model(job: Job, registry: Registry) -> int:
    """Search, calibrate, register; returns the version."""
    labelled = job.read("features").where(F.col("label").isNotNull())
    split = training.fit_split(labelled, job.run.settings.split, is_grouped=bool(job.run.contract.group))
    with cached(with_parts(job.run, labelled, split).where(F.col("split").isNotNull())) as rows:
        return _train_on(rows, split, job, registry)


def _train_on(rows: DataFrame, split: SplitRecord, job: Job, registry: Registry) -> int:
    run = job.run
    is_log_possible, leaks = _check_labels(rows, run), guard(job, rows)
    # Beside the tables on a disk; on an object store the MLflow server decides.
    artifacts = f"{run.warehouse.location}/../_mlflow" if run.warehouse.local_folder else ""
    tracker = Tracker(tracking_uri(run.settings), registry.name, artifacts)
    study_run = tracker.start_study(job.study)
    plan = _plan(job, rows, is_log_possible, tracker, study_run)
    winner = training.search_winner(rows, plan)
    trust = partial(with_trust, rows, winner, run.contract, run.settings.evaluation, is_positive=is_log_possible)
    compare = partial(evaluation.fit_baselines, rows.where(F.col("split") == "train"), run.contract.numeric_features)
    (pipeline, ranges), baselines = at_once(trust, compare)
    facts = {"split": asdict(split), "interval": ranges.to_json(), "baselines": asdict(baselines),
             "leaks": [asdict(leak) for leak in leaks]}  # fmt: skip
    return registry.save(pipeline, _saved(job, rows, winner, study_run, facts), partial(_beside, pipeline, rows, run))


def with_trust(
    rows: DataFrame, winner: Winner, contract: Contract, settings: Evaluation, *, is_positive: bool
) -> tuple[PipelineModel, Ranges]:
    """The winner with stages that say how far each of its prices can be trusted, and its ranges.

    Args:
        rows: Rows with ``split``: calibration rows calibrate, training rows say what was seen.
        winner: The model and its difficulty.
        contract: Features and segments.
        settings: Levels of the ranges.
        is_positive: Whether prices are above nought.
    """
    numeric, categorical = features.feature_names(contract, rows.schema)
    group = next((name for name in contract.segments if name in (*numeric, *categorical)), None)
    priced = PipelineModel([*winner.model.stages, winner.trust.difficulty])
    calibration, training_rows = (rows.where(F.col("split") == part) for part in ("calibration", "train"))
    learn = partial(evaluation.calibrate, priced.transform(calibration), group, settings, winner.trust.later_error)
    ranges, domain = at_once(learn, partial(features.fit_domain, training_rows, numeric, categorical))
    before, after = evaluation.group_stage(ranges), evaluation.range_stage(ranges, is_positive=is_positive)
    return PipelineModel([domain, before, *priced.stages, after]), ranges


def _beside(pipeline: PipelineModel, rows: DataFrame, run: Run, folder: Path) -> Companion:
    """The native trees of a logged model, and how far their prices are from the pipeline's."""
    files = scoring.make_native(folder, pipeline, rows, *features.feature_names(run.contract, rows.schema))
    return Companion(files, {f"housing.{name}": files[name].decode() for name in files if name.endswith(".json")})


def with_parts(run: Run, rows: DataFrame, split: SplitRecord) -> DataFrame:
    """Rows with the part that the split gives them."""
    return training.with_split(rows, split, is_grouped=bool(run.contract.group))


def _check_labels(rows: DataFrame, run: Run) -> bool:
    """Refuse what cannot be learned from; returns whether every price has a logarithm."""
    counted = rows.groupBy("split").agg(
        F.count("label").alias("rows"), F.min("label").alias("low"), F.max("label").alias("high")
    )
    by_part = {row["split"]: row for row in counted.collect()}
    training.check_parts({part: row["rows"] for part, row in by_part.items()}, run.settings.training.min_rows)
    if by_part["train"]["low"] == by_part["train"]["high"]:
        raise InputRefusedError(
            "E-TRAIN-003", f"{run.contract.label} has one value, {by_part['train']['low']}: nothing to learn"
        )
    return all(row["low"] > 0 for row in by_part.values())


def _plan(job: Job, rows: DataFrame, is_log_possible: bool, tracker: Tracker, study_run: str) -> SearchPlan:
    def on_trials(trials: Sequence[Trial]) -> None:
        rows = [_trial_row(trial, job.study, tracker.log_trial(study_run, trial)) for trial in trials]
        job.record(job.rows(TRIALS, rows), TRIALS)  # a trial that was recorded is never run again

    plan, finished = search_plan(job.run.contract, job.run.settings, rows.schema), finished_trials(job.run, job.study)
    return replace(plan, is_log_possible=is_log_possible, finished=finished, on_trials=on_trials)


def search_plan(contract: Contract, settings: Settings, described: StructType) -> SearchPlan:
    """What a search needs for rows of the features table, from none of its trials on, which are recorded nowhere.

    Args:
        contract: Features, place, weight and monotone features.
        settings: Stages, estimators, budgets.
        described: Schema of the rows.
    """
    fit_stages = features.stage_fitter(contract, described, settings.features)
    most_categories = settings.features.max_categories + _EXTRA_CATEGORIES
    ordinary = partial(features.ordinary_rows, contract=contract, settings=settings.features)
    return SearchPlan(
        fit_stages, features.VECTOR, _weight(contract), features.monotone_signs(contract), most_categories,
        settings.training, settings.search, is_log_possible=True, finished=(), on_trials=lambda _: None,
        family_of=features.family_of, ordinary=ordinary,
    )  # fmt: skip


def _weight(contract: Contract) -> Column:
    """What a sale counts; one that has no weight counts one."""
    return F.coalesce(F.col(contract.weight).cast("double"), F.lit(1.0)) if contract.weight else F.lit(1.0)


def finished_trials(run: Run, study: str) -> list[Trial]:
    """A study's trials so far; as many as were ever budgeted."""
    if not run.warehouse.exists(TRIALS.name):
        return []
    rows = run.warehouse.read(TRIALS.name).where(F.col("study") == study).collect()
    return [
        Trial(
            row["estimator"], row["number"], json.loads(row["parameters"]), json.loads(row["point"]),
            math.inf if row["loss"] is None else row["loss"], row["trees"], row["seconds"], row["mlflow_run_id"],
            row["status"], row["error"], row["is_final"],
        )
        for row in rows
    ]  # fmt: skip


def _trial_row(trial: Trial, study: str, run_id: str) -> dict[str, Any]:
    return asdict(trial) | {
        "study": study,
        "parameters": json.dumps(trial.parameters, sort_keys=True),
        "point": json.dumps(trial.point, sort_keys=True),
        "loss": trial.loss if trial.is_ok else None,
        "mlflow_run_id": run_id,
        "finished_at": datetime.now(UTC),
    }


def _saved(job: Job, rows: DataFrame, winner: Winner, study_run: str, facts: dict[str, Any]) -> Saved:
    run, provenance = job.run, read_provenance()
    numeric, categorical = features.feature_names(run.contract, rows.schema)
    record = {
        **facts,
        "dataset": run.contract.dataset,
        "contract": run.contract.model_dump(mode="json", by_alias=True),
        "contract_hash": contract_hash(run.contract),
        "settings": run.settings.model_dump(mode="json", exclude={"spark_conf", "tracking"}),
        "winner": asdict(winner.trial),
        "blend": {str(number): weight for number, weight in winner.weights.items()},
        "trials": len(winner.trials),
        "tables": job.versions,
        "provenance": provenance.to_json(),
    }
    time = ["event_time"] if run.contract.event_time else []
    example = rows.select(
        *(F.col(name).cast("double") for name in numeric), *(F.col(name).cast("string") for name in categorical), *time
    )
    metrics = {"validation_loss": winner.loss}
    return Saved(
        job.study, study_run, record, _signature(numeric, categorical, time), example.limit(_EXAMPLE_ROWS),
        run.warehouse.path("features"), job.versions["features"], provenance.packages, metrics,
    )  # fmt: skip


def _signature(numeric: Sequence[str], categorical: Sequence[str], time: Sequence[str]) -> ModelSignature:
    numbers = [ColSpec(DataType.double, name, required=False) for name in numeric]
    texts = [ColSpec(DataType.string, name, required=False) for name in categorical]
    times = [ColSpec(DataType.datetime, name, required=False) for name in time]
    names = ("prediction", "prediction_lower", "prediction_upper")
    return ModelSignature(
        Schema([*numbers, *texts, *times]), Schema([ColSpec(DataType.double, name) for name in names])
    )
