"""Fits of Spark ML's own estimators: distributed, the trials of a round at the same time."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Timer
from time import monotonic
from typing import Any, Protocol

from pyspark import SparkContext, inheritable_thread_target
from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame

from housing_spark.training.estimators import RAW_PREDICTION, Candidate, Inputs
from housing_spark.training.loss import trimmed_rmse_of
from housing_spark.training.prepare import LABEL, LEVEL, LOG_LABEL, Fold, Folds
from housing_spark.training.proposals import Space
from housing_spark.training.trials import TARGET_SCALE, Parameters, Proposal, Trial, failed_trial

_CANCEL_EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class Recipe:
    """What every fit of a search shares."""

    vector: str
    seed: int
    max_categories: int
    most_seconds: float | None
    trimmed_share: float


@dataclass(frozen=True)
class Made:
    """A model that a search made.

    Attributes:
        model: From feature columns to ``prediction``.
        weights: What each trial counts in it, by the trial's number; one trial, unless trials were blended.
        loss: Its loss on validation rows.
    """

    model: PipelineModel
    weights: Mapping[int, float]
    loss: float


class Fits(Protocol):
    """How the trials of one candidate are fitted."""

    @property
    def has_rung(self) -> bool:
        """Whether trials are first fitted on few rows, and the best of them on all."""

    def narrowed(self, space: Space) -> Space:
        """The space without what is better decided before any trial."""

    def run_round(self, proposals: Sequence[Proposal]) -> Iterator[Trial]:
        """The trials of a round as they finish."""

    def model(self, best: Trial, trials: Sequence[Trial]) -> Made:
        """The model of the best trial, or a blend of it with others of ``trials``, fitted on all training rows."""

    def release(self) -> None:
        """Forget what was kept for later trials."""


class SparkFits:
    """Fits of a Spark ML estimator; each trial of a round has a FAIR pool of its own."""

    def __init__(self, candidate: Candidate, folds: Folds, recipe: Recipe, slots: int) -> None:
        """Say what to fit on; rows are prepared when the first trial asks for them."""
        self._candidate, self._folds, self._recipe, self._slots = candidate, folds, recipe, slots
        self._best: tuple[Trial, Any] | None = None

    @property
    def has_rung(self) -> bool:
        """Never: a distributed fit on few rows takes hardly less time."""
        return False

    def narrowed(self, space: Space) -> Space:
        """The whole space: distributed fits are too dear to decide anything beforehand."""
        return space

    def run_round(self, proposals: Sequence[Proposal]) -> Iterator[Trial]:
        """The trials of a round as they finish."""
        folds = self._folds.of(self._candidate.encoding)
        spark = folds[0].training.sparkSession

        def work(proposal: Proposal) -> tuple[Trial, list[Any]]:
            spark.sparkContext.setLocalProperty("spark.scheduler.pool", f"trial-{proposal.number % self._slots}")
            started = monotonic()
            try:
                with _cancelled_after(self._recipe.most_seconds, spark.sparkContext):
                    return run_trial(proposal, self._candidate, folds, self._recipe)
            except Exception as error:  # noqa: BLE001  # whatever it was: the search goes on, and the trial is recorded
                return failed_trial(proposal, error, monotonic() - started), []

        with ThreadPoolExecutor(self._slots) as pool:
            futures = [pool.submit(inheritable_thread_target(spark)(work), proposal) for proposal in proposals]
            for future in as_completed(futures):
                trial, models = future.result()
                if trial.beats(self._best and self._best[0]):
                    self._best = (trial, models[0])
                yield trial

    def model(self, best: Trial, trials: Sequence[Trial]) -> Made:  # noqa: ARG002  # these are not blended
        """The best trial's model; fitted again where another process fitted it, or on part of the rows."""
        encoding = self._candidate.encoding
        fold, parts = self._folds.whole(encoding), self._folds.of(encoding)
        if self._best is not None and self._best[0] == best and parts == [fold]:
            model = self._best[1]
        else:
            parameters = best.parameters | ({"max_trees": best.trees} if best.trees else {})
            model = fit_model(self._candidate, parameters, fold.training, self._recipe)
        priced = PipelineModel([*fold.stages.stages, model, price_stage(best.parameters, is_levelled=fold.is_levelled)])
        return Made(priced, {best.number: 1.0}, best.loss)

    def release(self) -> None:
        """Nothing is kept but the best model."""


@contextmanager
def _cancelled_after(seconds: float | None, context: SparkContext) -> Iterator[None]:
    """Cancel the jobs that this thread starts when the time is over.

    Raises:
        TimeoutError: It was.
    """
    if seconds is None:
        yield
        return
    tag, over, done = f"trial-{uuid.uuid4().hex}", Event(), Event()

    def cancel() -> None:
        over.set()
        while not done.wait(_CANCEL_EVERY_SECONDS):  # a fit is many jobs, and may be between two of them
            context.cancelJobsWithTag(tag)

    timer = Timer(seconds, cancel)
    context.addJobTag(tag)
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise TimeoutError(f"given up after {seconds:g} s; see search.trial_seconds") from error
        raise
    finally:
        done.set()
        timer.cancel()
        context.removeJobTag(tag)


def run_trial(
    proposal: Proposal, candidate: Candidate, folds: Sequence[Fold], recipe: Recipe
) -> tuple[Trial, list[Any]]:
    """The trial of a proposal (mean loss over the folds, mean number of trees kept), and its models."""
    started = monotonic()
    losses: list[float] = []
    trees: list[int] = []
    models: list[Any] = []
    for fold in folds:
        model = fit_model(candidate, proposal.parameters, fold.training, recipe)
        if candidate.trim is not None:
            model, kept = candidate.trim(model, fold.validation)
            trees.append(kept)
        models.append(model)
        priced = price_stage(proposal.parameters, is_levelled=False).transform(model.transform(fold.validation))
        losses.append(trimmed_rmse_of(priced, recipe.trimmed_share))
    mean_trees = round(sum(trees) / len(trees)) if trees else None
    loss, seconds = sum(losses) / len(losses), monotonic() - started
    trial = Trial(proposal.estimator, proposal.number, proposal.parameters, proposal.point, loss, mean_trees, seconds)
    return trial, models


def fit_model(candidate: Candidate, parameters: Parameters, training: DataFrame, recipe: Recipe) -> Any:
    """The fitted Spark ML model; predicts on the scale that it was fitted on."""
    inputs = Inputs(recipe.vector, target_column(parameters), recipe.seed, recipe.max_categories)
    return candidate.build(parameters, inputs).fit(training)


def target_column(parameters: Parameters) -> str:
    """The column that a model is fitted on: the price, or its logarithm."""
    return LOG_LABEL if parameters.get(TARGET_SCALE) else LABEL


def price_stage(parameters: Parameters, *, is_levelled: bool) -> SQLTransformer:
    """The stage that turns a raw prediction into a price; ``is_levelled``: one at a level, which is given back."""
    price = f"EXP({RAW_PREDICTION})" if parameters.get(TARGET_SCALE) else RAW_PREDICTION
    price = f"{price} * {LEVEL}" if is_levelled else price
    return SQLTransformer(statement=f"SELECT *, {price} AS prediction FROM __THIS__")  # noqa: S608  # two fixed texts
