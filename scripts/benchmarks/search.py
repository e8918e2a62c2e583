"""The search: trials at the same time, and trials that end early."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from os import cpu_count
from time import perf_counter

from figures import Figure, figure_of, ratios
from pyspark.sql import SparkSession
from regret import sample_regret
from rows import VECTOR, folds, market, session

from housing_spark.settings import load_settings
from housing_spark.training.estimators import CANDIDATES
from housing_spark.training.fit import Recipe, SparkFits
from housing_spark.training.hist.matrix import CodedFold, read_fold
from housing_spark.training.hist.rounds import Rounds
from housing_spark.training.hist.trial import TrialWork
from housing_spark.training.prepare import Folds
from housing_spark.training.proposals import Proposer
from housing_spark.training.trials import Proposal, finals

_ROWS, _TRIAL_SECONDS, _PROBE_TREES = 200_000, 20.0, 20
_POINTS, _ENDLESS = 12, 10**6
_HIST = {"step_size": 0.1, "max_depth": 6, "min_instances_per_node": 5, "l2": 1.0, "column_share": 1.0}
_MLLIB = {"step_size": 0.1, "max_depth": 4, "min_instances_per_node": 5, "max_bins": 64, "max_trees": 10}


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    yield sample_regret()
    with session() as (spark, _):
        with folds(market(spark, _ROWS)) as prepared:
            _, coded = read_fold(prepared.whole("index"), VECTOR, 1 << 30)
            yield _slots(spark, coded)
            yield _pruning(coded)
        partitions = load_settings("local", [], {}).training.partitions
        with folds(market(spark, _ROWS), partitions) as prepared:
            yield _threads(prepared)


def _slots(spark: SparkSession, coded: CodedFold) -> Figure:
    trees = round(_PROBE_TREES * _TRIAL_SECONDS / _seconds(coded, _PROBE_TREES))
    one, other = (Proposal("gbt", number, _HIST | {"max_trees": trees}, {}) for number in range(2))
    rounds = Rounds(_work(coded, trees), spark, "executors")

    def run(*proposals: Sequence[Proposal]) -> None:
        for at_once in proposals:
            failed = [trial.error for trial, _ in rounds.run(at_once) if not trial.is_ok]
            if failed:
                raise RuntimeError(failed[0])

    run([one, other])
    read = ratios(lambda: run([one], [other]), lambda: run([one, other]), pairs=3)
    rounds.release()
    what = f"two trials of {_TRIAL_SECONDS:g} s on executors, one slot over two; three pairs: a minute each"
    return figure_of("search.slots", read, ">= 1.7", what)


def _threads(prepared: Folds) -> Figure:
    def run(slots: int) -> None:
        fits = SparkFits(CANDIDATES["gbt"], prepared, Recipe(VECTOR, 7, 64, None, 0.0), slots)
        proposals = [Proposal("gbt", number, _MLLIB, {}) for number in range(2)]
        failed = [trial.error for trial in fits.run_round(proposals) if not trial.is_ok]
        if failed:
            raise RuntimeError(failed[0])

    run(2)
    what = f"two MLlib trials one after another over from threads, {_ROWS:,} rows, {cpu_count()} cores"
    return figure_of(
        "search.threads", ratios(lambda: run(1), lambda: run(2), pairs=3), ">= 1.4", f"{what}; three pairs"
    )


def _pruning(coded: CodedFold) -> Figure:
    """The same points with a first rung and with early stopping, and each to its last tree on all rows."""
    search = load_settings("local", [], {}).search
    points = Proposer("gbt", search.spaces["gbt"], search.model_copy(update={"method": "random"}), 7).propose(
        range(_POINTS), ()
    )
    few, all_rows = _work(coded, 20, search.rung_rows), _work(coded, _ENDLESS)
    rung = [few.run(replace(point, is_final=False), 2)[0] for point in points]
    ours = [*rung, *(few.run(final, 2)[0] for final in finals(rung, _POINTS))]
    whole = [all_rows.run(point, 2)[0] for point in points]
    best = [min(trial.loss for trial in trials if trial.is_final) for trials in (ours, whole)]
    value = sum(trial.seconds for trial in ours) / sum(trial.seconds for trial in whole)
    what = (
        f"seconds of {_POINTS} points with a first rung and early stopping over without, {_ROWS:,} rows; "
        f"best RMSE {best[0] / best[1]:.4f} of theirs, at most 1.005; once: minutes"
    )
    figure = figure_of("search.pruning", [value], "<= 0.3", what)
    return replace(figure, holds=figure.holds and best[0] <= 1.005 * best[1])


def _seconds(coded: CodedFold, trees: int) -> float:
    started = perf_counter()
    _work(coded, trees).run(Proposal("gbt", 0, _HIST | {"max_trees": trees}, {}), 1)
    return perf_counter() - started


def _work(coded: CodedFold, patience: int, rung_rows: int = 0) -> TrialWork:
    return TrialWork([coded], patience, {"seed": 7}, None, rung_rows)
