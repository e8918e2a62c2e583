"""The search: candidates in turn, trials in rounds, the trials of a round at the same time.

A trial of an earlier, interrupted run of the same study is not repeated.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame, SparkSession

from housing_spark.errors import ConfigurationError, HousingSparkError
from housing_spark.session import cached
from housing_spark.settings import Dimension, Search
from housing_spark.settings.training import Training
from housing_spark.training.estimators import CANDIDATES
from housing_spark.training.fit import Fits, Recipe, SparkFits
from housing_spark.training.hist import Coder, HistFits, Trust, fit_trust
from housing_spark.training.prepare import FitStages, Folds, laid_out
from housing_spark.training.proposals import Proposer
from housing_spark.training.recorder import Recorder
from housing_spark.training.trials import TARGET_SCALE, Proposal, Trial, final_count, finals

_LOG = logging.getLogger(__name__)
MEGABYTE = 1 << 20
_T = TypeVar("_T")


@dataclass(frozen=True)
class SearchPlan:
    """What a search needs besides the rows; ``ordinary`` leaves out training rows that no model learns from."""

    fit_stages: FitStages
    vector: str
    weight: Column
    monotone: Mapping[str, int]
    max_categories: int
    training: Training
    search: Search
    is_log_possible: bool
    finished: Sequence[Trial]
    on_trials: Callable[[Sequence[Trial]], None]
    family_of: Callable[[str], str | None] = lambda _: None
    ordinary: Callable[[DataFrame], DataFrame] = lambda rows: rows


@dataclass(frozen=True)
class Winner:
    """The best trial, every trial, and the model of the best, or of a blend of the best.

    ``weights`` says by the trial's number what each counts in the model, ``loss`` is the model's, and ``trust`` says
    how far prices are to be trusted.
    """

    trial: Trial
    trials: tuple[Trial, ...]
    model: PipelineModel
    weights: Mapping[int, float]
    loss: float
    trust: Trust


def search_winner(rows: DataFrame, plan: SearchPlan) -> Winner:
    """Search every candidate; the best trial's model is the winner's.

    Args:
        rows: Labelled rows with ``split``.
        plan: Stages, budgets and earlier trials.
    """
    with cached(laid_out(plan.ordinary(rows), plan.training.partitions)) as arranged:
        folds = Folds(arranged, plan.fit_stages, plan.vector, plan.weight, plan.training)
        search = _Search(rows.sparkSession, folds, plan)
        try:
            return search.winner()
        finally:
            search.release()
            folds.release()


class _Search:
    """The state of one search: the fits of each candidate, and trials on their way to the tables."""

    def __init__(self, spark: SparkSession, folds: Folds, plan: SearchPlan) -> None:
        self._plan, self._folds = plan, folds
        self._coder = Coder(plan.vector, plan.search.max_matrix_mb * MEGABYTE, plan.family_of)
        self._fits: dict[str, Fits] = {one: fits_of(one, folds, self._coder, plan) for one in plan.training.candidates}
        self._recorder = Recorder(spark, plan.on_trials)

    def winner(self) -> Winner:
        proposers = {name: _proposer(name, self._plan, fits) for name, fits in self._fits.items()}
        total = sum(self._count(name, proposer) for name, proposer in proposers.items())
        trials: list[Trial] = []
        for name, proposer in proposers.items():
            trials += self._search(name, proposer, len(trials), total)
        best = min((trial for trial in trials if trial.is_final), key=lambda trial: trial.loss, default=trials[0])
        self._recorder.finish()
        if not best.is_ok:
            raise HousingSparkError(
                "E-TRAIN-006", f"all {len(trials)} trials ended badly, the first: {best.error}; change search.spaces, "
                "search.trial_seconds or training.candidates"
            )  # fmt: skip
        made = self._fits[best.estimator].model(best, [one for one in trials if one.estimator == best.estimator])
        fold, is_log = self._folds.whole(CANDIDATES[best.estimator].encoding), bool(best.parameters.get(TARGET_SCALE))
        trust = fit_trust(fold, self._coder, is_log=is_log, seed=self._plan.training.seed)
        return Winner(best, tuple(trials), made.model, made.weights, made.loss, trust)

    def release(self) -> None:
        """Forget the fits; what waits to be recorded is recorded first."""
        self._recorder.close()
        for fits in self._fits.values():
            fits.release()

    def _count(self, name: str, proposer: Proposer) -> int:
        budget = proposer.trial_count
        return budget + (final_count(budget) if self._fits[name].has_rung else 0)

    def _search(self, name: str, proposer: Proposer, before: int, total: int) -> list[Trial]:
        has_rung = self._fits[name].has_rung
        done: list[Trial] = []
        for numbers in self._rounds_of(range(proposer.trial_count)):
            proposals = [replace(one, is_final=not has_rung) for one in proposer.propose(numbers, done)]
            done += self._run_round(name, proposals)
            done.sort(key=lambda trial: trial.number)
            self._tell(name, proposer, done, before, total)
        if has_rung:
            for again in self._rounds_of(finals(done, proposer.trial_count)):
                done += self._run_round(name, again)
                self._tell(name, proposer, done, before, total)
        return done

    def _rounds_of(self, whole: Sequence[_T]) -> Iterator[Sequence[_T]]:
        size = self._plan.search.parallelism
        return (whole[first : first + size] for first in range(0, len(whole), size))

    def _tell(self, name: str, proposer: Proposer, done: Sequence[Trial], before: int, total: int) -> None:
        best = min(done, key=lambda trial: trial.loss)
        progress = f"{len(done)} of {self._count(name, proposer)} trials, {_told(done, best)}"
        fields = {"done": before + len(done), "total": total, "best_loss": best.loss if best.is_ok else None}
        _LOG.info("%s: %s", name, progress, extra={"fields": fields})

    def _run_round(self, name: str, proposals: Sequence[Proposal]) -> list[Trial]:
        """The trials of a round; what an earlier run finished is taken as it is."""
        numbers = {one.number for one in proposals}
        finished = [one for one in self._plan.finished if one.estimator == name and one.number in numbers]
        missing = numbers - {one.number for one in finished}
        if missing:
            for trial in self._fits[name].run_round([one for one in proposals if one.number in missing]):
                self._recorder.add(trial)
                finished.append(trial)
        return finished


def _told(trials: Sequence[Trial], best: Trial) -> str:
    bad = sum(not trial.is_ok for trial in trials)
    failures = f"{bad} ended badly, " if bad else ""
    return failures + (f"best loss {best.loss:,.0f} (trial {best.number})" if best.is_ok else "no loss yet")


def fits_of(name: str, folds: Folds, coder: Coder, plan: SearchPlan) -> Fits:
    """How a candidate is fitted; the only place that knows the engines."""
    if name == "gbt" and plan.training.engine == "hist":
        return HistFits(folds, coder, plan.monotone, plan.training, plan.search)
    if plan.monotone:
        raise ConfigurationError(
            "E-TRAIN-008", f"{name} by Spark ML cannot keep the contract's monotone; set training.candidates=[gbt] and "
            "training.engine=hist, or take monotone out"
        )  # fmt: skip
    search, training = plan.search, plan.training
    recipe = Recipe(plan.vector, training.seed, plan.max_categories, search.trial_seconds, search.trimmed_share)
    return SparkFits(CANDIDATES[name], folds, recipe, search.parallelism)


def _proposer(name: str, plan: SearchPlan, fits: Fits) -> Proposer:
    is_mllib_gbt = name == "gbt" and plan.training.engine == "mllib"
    space = dict(plan.search.spaces.get(f"{name}_mllib" if is_mllib_gbt else name, {}))
    if not plan.is_log_possible:
        space[TARGET_SCALE] = Dimension(choices=(False,))
    return Proposer(name, fits.narrowed(space), plan.search, plan.training.seed)
