"""The search: candidates in turn, trials in rounds, the trials of a round at the same time.

A trial of an earlier, interrupted run of the same study is not repeated.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from pyspark import inheritable_thread_target
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from housing_spark.session import cached
from housing_spark.settings import Dimension, Search
from housing_spark.settings.sections import Training
from housing_spark.training.estimators import CANDIDATES, Candidate
from housing_spark.training.fit import TARGET_SCALE, Recipe, fit_model, price_stage, run_trial
from housing_spark.training.prepare import FitStages, Fold, Preparer, laid_out
from housing_spark.training.proposals import Proposer
from housing_spark.training.trials import Proposal, Trial

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SearchPlan:
    """What a search needs besides the rows."""

    fit_stages: FitStages
    vector: str
    max_categories: int
    training: Training
    search: Search
    is_log_possible: bool
    finished: Sequence[Trial]
    on_trial: Callable[[Trial], None]


@dataclass(frozen=True)
class Winner:
    """The best trial, and its model from feature columns to ``prediction``."""

    trial: Trial
    model: PipelineModel
    trials: tuple[Trial, ...]


def search_winner(rows: DataFrame, plan: SearchPlan) -> Winner:
    """Search every candidate; the best trial's model is the winner's.

    Args:
        rows: Labelled rows with ``split``.
        plan: Stages, budgets and earlier trials.
    """
    with cached(laid_out(rows, plan.training.partitions)) as arranged:
        search = _Search(arranged, plan)
        try:
            return search.winner()
        finally:
            search.release()


class _Search:
    """The state of one search: prepared rows per encoding, and the best model fitted so far."""

    def __init__(self, arranged: DataFrame, plan: SearchPlan) -> None:
        self._arranged = arranged
        self._plan = plan
        self._recipe = Recipe(plan.vector, plan.training.seed, plan.max_categories)
        self._folds: dict[str, list[Fold]] = {}
        self._fitted: tuple[Trial, Any] | None = None
        # Trials are recorded beside the next ones: the search waits for fits, not for records.
        self._recorder = ThreadPoolExecutor(1)
        self._records: list[Future[None]] = []
        self._total = 0

    def winner(self) -> Winner:
        candidates = [CANDIDATES[name] for name in self._plan.training.candidates]
        proposers = [self._proposer(candidate) for candidate in candidates]
        self._total = sum(proposer.trial_count for proposer in proposers)
        trials: list[Trial] = []
        for candidate, proposer in zip(candidates, proposers, strict=True):
            trials += self._search(candidate, proposer, len(trials))
        best = min(trials, key=lambda trial: trial.loss)
        self._check_records(wait=True)
        return Winner(best, self._model(best), tuple(trials))

    def release(self) -> None:
        """Forget the prepared rows; what waits to be recorded is recorded first."""
        self._recorder.shutdown()
        for fold in (fold for folds in self._folds.values() for fold in folds):
            fold.release()

    def _preparer(self, candidate: Candidate) -> Preparer:
        return Preparer(self._arranged, self._plan.fit_stages, candidate.encoding, self._plan.vector)

    def _folds_for(self, candidate: Candidate) -> list[Fold]:
        if candidate.encoding not in self._folds:
            self._folds[candidate.encoding] = self._preparer(candidate).folds(self._plan.training)
        return self._folds[candidate.encoding]

    def _proposer(self, candidate: Candidate) -> Proposer:
        plan, space = self._plan, dict(self._plan.search.spaces.get(candidate.name, {}))
        if not plan.is_log_possible:
            space[TARGET_SCALE] = Dimension(choices=(False,))
        return Proposer(candidate.name, space, plan.search, plan.training.seed)

    def _search(self, candidate: Candidate, proposer: Proposer, before: int) -> list[Trial]:
        plan = self._plan
        earlier = {trial.number: trial for trial in plan.finished if trial.estimator == candidate.name}
        done: list[Trial] = []
        for first in range(0, proposer.trial_count, plan.search.parallelism):
            numbers = range(first, min(first + plan.search.parallelism, proposer.trial_count))
            proposals = proposer.propose(numbers, done)
            done += [earlier[number] for number in numbers if number in earlier]
            done += self._run_round([one for one in proposals if one.number not in earlier], candidate)
            done.sort(key=lambda trial: trial.number)
            best = min(done, key=lambda trial: trial.loss)
            progress = f"{len(done)} of {proposer.trial_count} trials, best RMSE {best.loss:,.0f} (trial {best.number})"
            fields = {"done": before + len(done), "total": self._total, "best_rmse": best.loss}
            _LOG.info("%s: %s", candidate.name, progress, extra={"fields": fields})
        return done

    def _run_round(self, proposals: Sequence[Proposal], candidate: Candidate) -> list[Trial]:
        """The trials of a round, fitted at the same time, each in a FAIR pool of its own."""
        spark, slots = self._arranged.sparkSession, self._plan.search.parallelism
        folds = self._folds_for(candidate)

        def work(proposal: Proposal) -> tuple[Trial, list[Any]]:
            spark.sparkContext.setLocalProperty("spark.scheduler.pool", f"trial-{proposal.number % slots}")
            return run_trial(proposal, candidate, folds, self._recipe)

        finished = []
        with ThreadPoolExecutor(slots) as pool:
            futures = [pool.submit(inheritable_thread_target(spark)(work), proposal) for proposal in proposals]
            for future in as_completed(futures):
                trial, models = future.result()
                self._record(trial)
                if self._fitted is None or trial.loss < self._fitted[0].loss:
                    self._fitted = (trial, models[0])
                finished.append(trial)
        return finished

    def _record(self, trial: Trial) -> None:
        self._check_records(wait=False)
        record = inheritable_thread_target(self._arranged.sparkSession)(self._plan.on_trial)
        self._records.append(self._recorder.submit(record, trial))

    def _check_records(self, *, wait: bool) -> None:
        """Raise what hindered a record, of those that are done."""
        for record in self._records:
            if wait or record.done():
                record.result()

    def _model(self, best: Trial) -> PipelineModel:
        """The model of the best trial; fitted again where another process fitted it, or on part of the rows."""
        candidate, is_holdout = CANDIDATES[best.estimator], self._plan.training.validation == "holdout"
        fold = self._folds_for(candidate)[0] if is_holdout else self._preparer(candidate).whole()
        if is_holdout and self._fitted is not None and self._fitted[0] == best:
            model = self._fitted[1]
        else:
            parameters = best.parameters | ({"max_trees": best.trees} if best.trees else {})
            model = fit_model(candidate, parameters, fold.training, self._recipe)
        return PipelineModel([*fold.stages.stages, model, price_stage(best.parameters)])
