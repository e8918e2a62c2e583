"""Trials that end badly are recorded and never fatal; a first rung chooses which are fitted on all rows."""

from collections.abc import Callable
from dataclasses import replace
from threading import Timer
from typing import Any

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.errors import HousingSparkError
from housing_spark.settings import Dimension, Search
from housing_spark.settings.training import Training
from housing_spark.training import SearchPlan, Trial, search_winner
from housing_spark.training.hist.bins import Codes
from housing_spark.training.hist.matrix import Coded, CodedFold
from housing_spark.training.hist.rounds import Rounds
from housing_spark.training.hist.trial import TrialWork
from housing_spark.training.trials import Proposal, final_count

GOOD = {
    "step_size": 0.1, "max_depth": 3, "min_instances_per_node": 5, "l2": 1.0, "column_share": 1.0, "max_trees": 20,
}  # fmt: skip
SPACE = {name: Dimension(choices=(value,)) for name, value in GOOD.items() if name != "max_depth"}
MLLIB = {"step_size": 0.1, "min_instances_per_node": 5, "max_bins": 32, "max_trees": 3}


@pytest.fixture(scope="module")
def coded() -> CodedFold:
    draw = np.random.default_rng(4)
    codes: Codes = draw.integers(0, 200, (3_000, 4)).astype(np.uint8)
    part = Coded(codes, 1_000.0 + codes[:, 0] * 10.0 + codes[:, 1], np.ones(len(codes)), is_whole=True)
    return CodedFold(part, part)


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    area = (F.col("id") * 7 % 101).cast("double").alias("area")
    part = F.when(F.col("id") % 5 == 0, "validation").otherwise("train").alias("split")
    return spark.range(600).select(
        F.format_string("%05d", "id").alias("row_key"), F.col("id").cast("string").alias("group_key"), area,
        (F.lit(1000.0) + (F.col("id") * 7 % 101) * 10).alias("label"), part,
    ).cache()  # fmt: skip


def plan(depths: tuple[float, ...], record: Callable[[Any], None], engine: str = "hist", **search: Any) -> SearchPlan:
    depth = {"max_depth": Dimension(choices=depths)}
    mllib = {name: Dimension(choices=(value,)) for name, value in MLLIB.items()}
    searched = Search(method="grid", spaces={"gbt": SPACE | depth, "gbt_mllib": mllib | depth}, **search)

    def fit_stages(_: DataFrame, __: str) -> PipelineModel:
        return PipelineModel([VectorAssembler(inputCols=["area"], outputCol="vector")])

    training = Training(candidates=("gbt",), engine=engine)
    return SearchPlan(fit_stages, "vector", F.lit(1.0), {}, 2, training, searched, False, (), record)


@pytest.mark.parametrize(("engine", "bad"), [("hist", -3.0), ("mllib", 77.0)])
def test_a_failed_trial_is_recorded_and_the_search_goes_on(engine: str, bad: float, rows: DataFrame) -> None:
    recorded: list[Trial] = []
    winner = search_winner(rows, plan((3.0, bad), recorded.extend, engine))
    assert sorted(trial.status for trial in recorded) == ["failed", "ok"]
    assert winner.trial.parameters["max_depth"] == 3
    [failed] = [trial for trial in recorded if not trial.is_ok]
    assert (failed.parameters["max_depth"], failed.loss) == (bad, np.inf)
    assert "depth" in (failed.error or "").lower()
    assert winner.model.transform(rows).where("prediction > 0").count() == 600


def test_the_best_of_trials_on_few_rows_is_fitted_on_all(rows: DataFrame) -> None:
    recorded: list[Trial] = []
    searched = plan((1.0, 2.0, -3.0, 4.0), recorded.extend, rung_rows=120)
    winner = search_winner(rows, searched)
    trials = sorted(recorded, key=lambda trial: trial.number)
    assert [(trial.number, trial.is_final) for trial in trials] == [(n, n >= 4) for n in range(6)]
    first, second = sorted((trial for trial in trials[:4] if trial.is_ok), key=lambda trial: trial.loss)[:2]
    assert [trial.parameters for trial in trials[4:]] == [first.parameters, second.parameters]
    assert winner.trial == min(trials[4:], key=lambda trial: trial.loss)
    assert winner.trial.loss < first.loss
    recorded.clear()
    assert search_winner(rows, replace(searched, finished=trials)).trial == winner.trial
    assert not recorded


@pytest.mark.parametrize(("budget", "count"), [(1, 1), (2, 2), (8, 2), (16, 2), (40, 5)])
def test_an_eighth_of_a_first_rung_goes_on_and_two_where_there_are(budget: int, count: int) -> None:
    assert final_count(budget) == count


def test_where_no_trial_ends_well_the_first_error_is_told(rows: DataFrame) -> None:
    with pytest.raises(
        HousingSparkError, match=r"E-TRAIN-006 all 1 trials ended badly, the first: XGBoostError: .*max_depth"
    ):
        search_winner(rows, plan((-3.0,), lambda _: None))


@pytest.mark.parametrize("engine", ["hist", "mllib"])
def test_a_trial_that_takes_too_long_is_given_up(engine: str, rows: DataFrame) -> None:
    recorded: list[Trial] = []
    with pytest.raises(HousingSparkError, match=r"TimeoutError: given up after .*search.trial_seconds"):
        search_winner(rows, plan((3.0,), recorded.extend, engine, trial_seconds=1e-6))
    assert [trial.status for trial in recorded] == ["timed out"]


def test_a_cancelled_job_is_a_failed_round(spark: SparkSession, coded: CodedFold) -> None:
    endless = [Proposal("gbt", number, GOOD | {"max_trees": 10**7}, {}) for number in range(2)]
    rounds = Rounds(TrialWork([coded], 10**7, {"seed": 7}, None, 0), spark, "executors")
    cancel = Timer(4.0, spark.sparkContext.cancelAllJobs)
    cancel.start()
    trials = [trial for trial, _ in rounds.run(endless)]
    rounds.release()
    assert [(trial.number, trial.status) for trial in trials] == [(0, "failed"), (1, "failed")]
    assert all("cancelled" in (trial.error or "") for trial in trials)
