"""A blend: never worse than its best member, one Spark model that prices as its members do, the same when resumed."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import GBTRegressionModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.boosting import xgb
from housing_spark.settings import Dimension, Search
from housing_spark.settings.training import Training
from housing_spark.training import SearchPlan, Trial, search_winner
from housing_spark.training.hist.blend import mean_loss
from housing_spark.training.hist.matrix import Coded, CodedFold
from housing_spark.training.hist.trial import TrialWork, scale_of
from housing_spark.training.loss import trimmed_rmse
from housing_spark.training.trials import Proposal

GIVEN = {"step_size": 0.3, "min_instances_per_node": 2, "l2": 1.0, "column_share": 0.4, "max_trees": 40}
NUMBERS = list("abcdefgh")
SPACE = {name: Dimension(choices=(value,)) for name, value in GIVEN.items()}


@pytest.fixture(scope="module")
def fold() -> CodedFold:
    draw = np.random.default_rng(4)
    codes = draw.integers(0, 60, (1_500, 6)).astype(np.uint8)
    prices = 1_000.0 + codes[:, 0] * codes[:, 1] * 0.4 + 10.0 * codes[:, 2] + draw.normal(0, 500, len(codes))
    parts = ((codes[part], prices[part]) for part in (slice(900), slice(900, 1_500)))
    return CodedFold(*(Coded(*part, np.ones(len(part[0])), is_whole=True) for part in parts))


def ensembles(fold: CodedFold, *depths: int) -> tuple[list[Trial], list[bytes]]:
    work = TrialWork([fold], 5, {"seed": 7}, None, 0)
    fits = [work.run(Proposal("gbt", depth, GIVEN | {"max_depth": depth}, {}), 1) for depth in depths]
    fits.sort(key=lambda one: one[0].loss)
    return [trial for trial, _ in fits], [trees for _, trees in fits]


def test_together_they_are_better_than_the_best(fold: CodedFold) -> None:
    trials, trees = ensembles(fold, 3, 4)
    scale = scale_of(fold, trials[0].parameters)
    loss = mean_loss(trees, fold.validation, scale, 0.0)
    assert loss < trials[0].loss
    assert mean_loss([trees[0], trees[0]], fold.validation, scale, 0.0) == pytest.approx(trials[0].loss, rel=1e-6)
    rows = xgb.DMatrix(fold.validation.codes)
    first, second = (scale.prices(xgb.Booster(model_file=bytearray(one)).predict(rows)) for one in trees)
    assert loss == pytest.approx(np.sqrt(np.mean(((first + second) / 2 - fold.validation.labels) ** 2)), rel=1e-6)


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    numbers = [(F.xxhash64(F.lit(name), "id") % 50).cast("double").alias(name) for name in NUMBERS]
    part = F.when(F.col("id") % 4 == 0, "validation").otherwise("train").alias("split")
    key = F.format_string("%05d", "id").alias("row_key")
    described = spark.range(1_200).select(key, key.alias("group_key"), part, *numbers)
    noise = F.xxhash64("row_key") % 1_500
    return described.withColumn(
        "label", 9_000.0 + F.col("a") * F.col("b") + 40 * (F.col("c") + F.col("d")) + noise
    ).cache()


def plan(training: Training, recorded: list[Trial], **search: int) -> SearchPlan:
    space = SPACE | {"max_depth": Dimension(choices=(3.0, 4.0, 5.0)), "log_target": Dimension(choices=(True, False))}

    def fit_stages(_: DataFrame, __: str) -> PipelineModel:
        return PipelineModel([VectorAssembler(inputCols=NUMBERS, outputCol="vector")])

    searched = Search(method="grid", spaces={"gbt": space}, **search)
    return SearchPlan(fit_stages, "vector", F.lit(1.0), {}, 2, training, searched, True, (), recorded.extend)


@pytest.mark.parametrize(("validation", "rung_rows"), [("holdout", 15_000), ("holdout", 100), ("cv", 15_000)])
def test_a_blend_is_one_spark_model_and_the_same_when_resumed(validation: str, rung_rows: int, rows: DataFrame) -> None:
    recorded: list[Trial] = []
    blending = plan(Training(blend=3, validation=validation, folds=2), recorded, rung_rows=rung_rows)
    winner = search_winner(rows, blending)
    again = search_winner(rows, replace(blending, finished=tuple(recorded)))
    assert winner.weights == again.weights
    assert winner.weights.keys() <= {trial.number for trial in recorded if trial.is_final}
    assert {trial.parameters["log_target"] for trial in recorded} == {winner.trial.parameters["log_target"]}
    priced = [one.model.transform(rows).orderBy("row_key").select("prediction").toPandas() for one in (winner, again)]
    assert (priced[0] == priced[1]).all(axis=None)
    judged = winner.model.transform(rows.where("split = 'validation'")).select("prediction", "label").toPandas()
    errors = (judged["prediction"] - judged["label"]).to_numpy()
    assert trimmed_rmse(errors, 0.03) == pytest.approx(winner.loss, rel=1e-4)
    if validation == "holdout" and rung_rows > 1_000:
        assert len(winner.weights) > 1
        assert winner.loss < winner.trial.loss
        [trees] = [stage for stage in winner.model.stages if isinstance(stage, GBTRegressionModel)]
        members = [trial for trial in recorded if trial.number in winner.weights]
        assert trees.getNumTrees == 1 + sum(trial.trees or 0 for trial in members)


def test_a_blend_is_refused_where_there_is_none() -> None:
    for given in ({"engine": "mllib"}, {"candidates": ("elastic_net",)}):
        with pytest.raises(ValidationError, match="blend 3 is of gbt trials with engine hist"):
            Training(blend=3, **given)
