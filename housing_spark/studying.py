"""Studies of a model: its winning parameters fitted again on other splits, rows and features. Nothing is searched.

``docs/decisions/0018-studies.md`` says why.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import ValidationError
from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark import evaluation, features, judging, measuring, modelling, registering, training
from housing_spark.contract import Contract
from housing_spark.errors import InputRefusedError
from housing_spark.evaluation import ErrorSums, Told
from housing_spark.hashing import hash_share
from housing_spark.registry import RegisteredModel, Registry
from housing_spark.schemas.studies import MODEL_STUDIES
from housing_spark.session import cached
from housing_spark.settings import Settings
from housing_spark.tables import Job, Run, StageReport
from housing_spark.training import Trial

_LOG = logging.getLogger(__name__)
_FEWEST_ROWS = 50  # a point of the learning curve on fewer says nothing


@dataclass(frozen=True)
class Subject:
    """What is fitted again: the contract and the settings that the model was made with, and its winning trial."""

    contract: Contract
    settings: Settings
    trial: Trial


@dataclass(frozen=True)
class Fit:
    """A model that was fitted again, and its errors."""

    name: str
    columns: tuple[str, ...]
    training_rows: int
    errors: ErrorSums
    by_place: Mapping[str, Told]
    compared: Mapping[str, Told]


def study(run: Run, name: str, version: int) -> StageReport:
    """Make a study of a model, once; ``name`` is one of ``STUDIES``."""
    registry = registering.registry_of(run)
    work = partial(_study, registry=registry, name=name, version=version)
    return run.once(f"study {name}", work, settings=(run.settings.studies,), model_version=version, logic=2)


def _study(job: Job, registry: Registry, name: str, version: int) -> None:
    model = judging.usable_model(registry, version)
    with cached(judging.parted_rows(job.run, model)) as rows:
        fits = list(STUDIES[name](job.run, model, rows))
    job.append(job.rows(MODEL_STUDIES, list(_rows(model, name, fits))), MODEL_STUDIES)
    job.finish(rows_in=max(fit.errors.rows for fit in fits), rows_out=len(fits), details={"version": version})


def _validation(run: Run, model: RegisteredModel, rows: DataFrame) -> Iterator[Fit]:
    """The same share of test rows by hash, the newest, and whole blocks of the map."""
    subject, settings = subject_of(run, model), run.settings.studies
    split = subject.settings.split
    every, shares = rows.drop("split"), {part: getattr(split, part) for part in training.PARTS}
    is_grouped = bool(subject.contract.group)
    schemes: dict[str, tuple[DataFrame, Column | None]] = {}
    for name, by_time in (("random", False), ("time", True)):
        if not by_time or subject.contract.event_time:
            record = training.fit_split(every, split.model_copy(update={"by_time": by_time}), is_grouped=is_grouped)
            schemes[name] = training.with_split(every, record, is_grouped=is_grouped), None
    if (location := subject.contract.location) is not None:
        blocks = training.learn_blocks(every, location.columns, settings.blocks)
        schemes["spatial"] = training.with_block_split(every, blocks, shares, split.salt), F.col("block")
    first: ErrorSums | None = None
    for name, (parted, bucket) in schemes.items():
        fit = _fit(subject, name, parted, bucket)
        first = first or fit.errors
        gap = {} if fit.errors is first else {"gap": fit.errors.gap_over(first)}
        yield replace(fit, compared=gap)


def _learning_curve(run: Run, model: RegisteredModel, rows: DataFrame) -> Iterator[Fit]:
    """More and more of the training rows; the other parts stay as they are."""
    subject, fits = subject_of(run, model), []
    for part in sorted(run.settings.studies.curve_shares):
        kept = fewer_to_train_on(rows, part)
        if (count := kept.where(F.col("split") == "train").count()) < _FEWEST_ROWS:
            _LOG.warning("learning curve: %g of the training rows are %d: too few, left out", part, count)
            continue
        fits.append(_fit(subject, f"{part:g}", kept))
    yield from (_compared(fit, fits[-1]) for fit in fits)


def fewer_to_train_on(rows: DataFrame, part: float) -> DataFrame:
    """A share of the training rows, by hash of their group, and the other rows; a sample lies within any larger one."""
    share = hash_share("group_key", salt="learning curve")
    return rows.where((F.col("split") != "train") | (share < part))


def _ablation(run: Run, model: RegisteredModel, rows: DataFrame) -> Iterator[Fit]:
    """All features, and without each family that this model has; the rows and the split are the model's own."""
    subject = subject_of(run, model)
    whole: Fit | None = None
    count = rows.where(F.col("split") == "train").count()
    for name, (contract, settings) in features.variants(subject.contract, subject.settings.features, count).items():
        changed = subject.settings.model_copy(update={"features": settings})
        fit = _fit(replace(subject, contract=contract, settings=changed), name, rows)
        whole = whole or fit
        if name.startswith("with") and fit.columns == whole.columns:
            _LOG.info("ablation: %s: the model has none of these features", name)
            continue
        yield _compared(fit, whole)


STUDIES: dict[str, Callable[[Run, RegisteredModel, DataFrame], Iterator[Fit]]] = {
    "validation": _validation,
    "learning_curve": _learning_curve,
    "ablation": _ablation,
}


def subject_of(run: Run, model: RegisteredModel) -> Subject:
    """What a model's studies fit again.

    Raises:
        InputRefusedError: The model was made with settings that this code does not know.
    """
    made_with = run.settings.model_dump() | model.record["settings"]
    try:
        settings = Settings.model_validate({name: made_with[name] for name in Settings.model_fields})
    except ValidationError as error:
        raise InputRefusedError(
            "E-STUDY-002", f"{model.name} version {model.version}: was made with settings that are no longer known "
            f"({error.errors()[0]['loc']}); train it again"
        ) from error  # fmt: skip
    return Subject(judging.contract_of(model), settings, Trial(**model.record["winner"]))


def _fit(subject: Subject, name: str, parted: DataFrame, bucket: Column | None = None) -> Fit:
    """The model of the subject's parameters on these rows."""
    labelled = parted.where(F.col("split").isNotNull())
    counts = {row["split"]: row["count"] for row in labelled.groupBy("split").count().collect()}  # a row per part
    training.check_parts(counts, min(_FEWEST_ROWS, counts.get("train", 0)))
    plan = modelling.search_plan(subject.contract, subject.settings, labelled.schema)
    fitted: PipelineModel = training.refit(labelled, plan, subject.trial)
    priced = fitted.transform(labelled.where(F.col("split") == "test"))
    columns = features.vector_features(fitted, priced.schema)
    with cached(priced.drop(features.VECTOR)) as test:
        errors = evaluation.sum_errors(test, bucket)
        correlated = measuring.autocorrelations(test, subject.contract, ["prediction"])
    _LOG.info("%s: %d training rows, %d test rows", name, counts["train"], errors.rows)
    by_place = {"moran_i": Told(correlated["prediction"].value)} if correlated else {}
    return Fit(name, columns, counts["train"], errors, by_place, {})


def _compared(fit: Fit, whole: Fit) -> Fit:
    """With what the whole gains over it on the same test rows."""
    if fit is whole:
        return fit
    return replace(fit, compared={"gain": whole.errors.gain_over(fit.errors)})


def _rows(model: RegisteredModel, name: str, fits: list[Fit]) -> Iterator[dict[str, Any]]:
    """The rows of the table."""
    now = datetime.now(UTC)
    for place, fit in enumerate(fits):
        for metric, told in (fit.errors.figures() | dict(fit.by_place) | dict(fit.compared)).items():
            yield {
                "model_version": model.version, "mlflow_run_id": model.run_id, "study": name, "variant": fit.name,
                "position": place, "metric": metric, "value": told.value, "low": told.low, "high": told.high,
                "training_rows": fit.training_rows, "rows": fit.errors.rows, "fitted_at": now,
            }  # fmt: skip
