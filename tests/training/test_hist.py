"""Histogram trees: the same for any order, threads and workers; as a Spark model they price as the booster does."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark import SparkConf
from pyspark.ml import Pipeline
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.ml.regression import GBTRegressionModel, GBTRegressor
from pyspark.sql import DataFrame, SparkSession

from housing_spark.errors import ConfigurationError
from housing_spark.training.hist import matrix
from housing_spark.training.hist.attributes import categories_of
from housing_spark.training.hist.bins import MAX_BINS, learn_bins
from housing_spark.training.hist.cluster import ClusterFit, count_workers
from housing_spark.training.hist.fitting import Fit, Standardized
from housing_spark.training.hist.matrix import _packed, coded_rows, read_fold, unpacked
from housing_spark.training.hist.rounds import Rounds
from housing_spark.training.hist.trees import spark_model
from housing_spark.training.hist.trial import TrialWork, scale_of
from housing_spark.training.prepare import Fold
from housing_spark.training.trials import Proposal

ROWS = 4_000
PARAMETERS = {
    "step_size": 0.1, "max_depth": 5, "min_instances_per_node": 5, "l2": 1.0, "column_share": 0.7, "max_trees": 60,
    "log_target": True,
}  # fmt: skip

KEPT = ("row_key", "label", "weight", "vector")
OPTIONS = {"seed": 7, "monotone_constraints": (1, 0, 0)}


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    """Prepared rows: two numbers, one with many values and one with few, and a category."""
    draw = np.random.default_rng(5)
    area, rooms, city = draw.lognormal(4, 0.5, ROWS), draw.integers(1, 9, ROWS), draw.integers(0, 40, ROWS)
    price = 900 * area + 9_000 * rooms + 700 * (city * 7 % 40) + draw.normal(0, 4_000, ROWS)
    keys = [f"{place:05d}" for place in draw.permutation(ROWS)]
    labels, weights = np.maximum(price, 1_000.0), draw.choice([0.0, 0.3, 7.1], ROWS)
    described = {"area": area, "rooms": rooms, "city": city}
    table = pa.table({"row_key": keys, "label": labels, "weight": weights, **described})
    stages = [
        StringIndexer(inputCol="city", outputCol="city_index", handleInvalid="keep"),
        VectorAssembler(inputCols=["area", "city_index", "rooms"], outputCol="vector"),
    ]
    raw = spark.createDataFrame(table)
    return Pipeline(stages=stages).fit(raw).transform(raw).select(*KEPT).cache()


@pytest.fixture(scope="module")
def fold(rows: DataFrame) -> Fold:
    return Fold(Pipeline(stages=[]).fit(rows), rows.where("row_key < '03000'"), rows.where("row_key >= '03000'"))


def test_codes_and_thresholds_say_the_same() -> None:
    draw = np.random.default_rng(1)
    values = np.column_stack([draw.normal(size=5_000), draw.integers(0, 20, 5_000), draw.choice([0.1, 0.2], 5_000)])
    bins = learn_bins(values, values[:, 0] + values[:, 1] % 5, {1: 22})
    codes = bins.codes(values)
    assert codes[:, 0].max() == MAX_BINS - 1
    assert np.bincount(codes[:, 0]).min() >= 10
    for feature, code in ((0, 1), (0, 128), (0, 255), (2, 1)):
        [threshold], categories = bins.goes_left(feature, code)
        assert categories == -1
        assert ((values[:, feature] <= threshold) == (codes[:, feature] < code)).all()
    left, categories = bins.goes_left(1, 9)
    assert (len(left), categories) == (9, 22)
    assert (np.isin(values[:, 1], left) == (codes[:, 1] < 9)).all()


@pytest.mark.parametrize(("first", "count"), [(0, 100), (30, 5), (25, 60), (99, 1)])
def test_codes_come_through_arrow_in_chunks_and_in_any_order(first: int, count: int) -> None:
    codes = np.random.default_rng(2).integers(0, 256, (100, 7)).astype(np.uint8)
    packed, numbers = _packed(codes), np.arange(100.0)
    nothing = pa.py_buffer(b"")  # as Arrow's format allows where an executor has no rows
    empty = pa.BinaryArray.from_buffers(pa.binary(), 0, [None, nothing, nothing])
    chunks = pa.chunked_array([packed[:31], empty, packed[31:]])
    table = pa.table({"codes": chunks, "label": numbers, "weight": numbers}).slice(first, count)
    found, labels, _ = unpacked(table.sort_by([("label", "descending")]))
    assert packed.to_pylist() == [row.tobytes() for row in codes]
    assert (unpacked(table)[0] == codes[first : first + count]).all()
    assert (found == codes[first : first + count][::-1]).all()
    assert labels.tolist() == list(range(first, first + count))[::-1]


@pytest.mark.parametrize("more", [{}, {"row_share": 0.6, "huber_delta": 0.5}, {"random_cuts": 9, "row_share": 0.6}])
def test_order_threads_and_workers_do_not_change_a_bit(rows: DataFrame, fold: Fold, more: dict[str, float]) -> None:
    bins, coded = read_fold(fold, "vector", 1 << 30)
    parameters = PARAMETERS | more
    scale = scale_of(coded, parameters)
    target, weights = scale.standardize(coded.training.labels), scale.weigh(coded.training.weights)
    trees = set()
    for threads, order in ((1, np.arange(len(target))), (2, np.random.default_rng(2).permutation(len(target)))):
        codes, options = coded.training.codes[order], {**OPTIONS, "nthread": threads}
        shuffled = Standardized(codes, target[order], weights[order])
        trees.add(bytes(Fit(parameters, options, 60).on(shuffled, None).save_raw("json")))
    fit = ClusterFit(parameters, {**OPTIONS, "nthread": 1}, scale, 60)
    for workers, layout in ((1, fold.training.repartition(5)), (2, fold.training.coalesce(1))):
        trees.add(fit.on(coded_rows(layout, "vector", bins), coded_rows(fold.validation, "vector", bins), workers))
    assert len(trees) == 1


@pytest.mark.parametrize("more", [{}, {"random_cuts": 9}])
def test_workers_end_a_fit_where_a_trial_ends(fold: Fold, more: dict[str, int]) -> None:
    bins, coded = read_fold(fold, "vector", 1 << 30)
    slow = PARAMETERS | more | {"step_size": 0.2, "max_trees": 300}
    trial, trees = TrialWork([coded], 10, OPTIONS, None, 0).run(Proposal("gbt", 0, slow, {}), 2)
    assert 0 < (trial.trees or 0) < 300
    fit = ClusterFit(slow, {**OPTIONS, "nthread": 1}, scale_of(coded, slow), 300, patience=10)
    parts = [coded_rows(part, "vector", bins) for part in (fold.training, fold.validation)]
    assert {fit.on(*parts, workers) for workers in (1, 2)} == {trees}


def test_the_spark_model_prices_as_the_booster_does(fold: Fold, tmp_path: Path) -> None:
    bins, coded = read_fold(fold, "vector", 1 << 30)
    trial, trees = TrialWork([coded], 10, OPTIONS, None, 0).run(Proposal("gbt", 0, PARAMETERS, {}), 1)
    scale = scale_of(coded, PARAMETERS)
    like = GBTRegressor(featuresCol="vector", labelCol="log_label", predictionCol="raw", maxIter=61, maxDepth=5)
    model = spark_model(fold.training.sparkSession, [(trees, 1.0)], bins, scale, like)
    model.save(str(tmp_path / "model"))
    loaded = GBTRegressionModel.load(str(tmp_path / "model"))
    assert loaded.getNumTrees == (trial.trees or 0) + 1
    assert loaded.featureImportances.toArray().argmax() == 0
    priced = loaded.transform(fold.validation).orderBy("row_key").select("label", "raw").toPandas()
    errors = np.exp(priced["raw"]) - priced["label"]
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(trial.loss, rel=1e-5)
    assert trial.loss < 0.3 * priced["label"].std()


def test_a_trial_is_the_same_wherever_it_runs(spark: SparkSession, fold: Fold) -> None:
    _, coded = read_fold(fold, "vector", 1 << 30)
    proposals = [Proposal("gbt", number, PARAMETERS | {"max_depth": 3 + number}, {}) for number in range(2)]
    seen = set()
    for mode in ("local", "threads", "executors"):
        rounds = Rounds(TrialWork([coded], 10, OPTIONS, None, 0), spark, mode)
        trials = sorted(rounds.run(proposals), key=lambda fitted: fitted[0].number)
        rounds.release()
        seen.add(tuple((trial.number, trial.loss, trial.trees, trees) for trial, trees in trials))
    assert len(seen) == 1


def test_beyond_the_bound_rows_are_chosen_by_hash(fold: Fold) -> None:
    bins, coded = read_fold(fold, "vector", 3 * 1_000)
    assert not coded.training.is_whole
    assert 800 < len(coded.training.codes) <= 1_000
    assert coded.training.codes.shape[1] == 3
    assert len(coded.validation.labels) == 1_000
    spread = Fold(fold.stages, fold.training.repartition(7), fold.validation)
    again = read_fold(spread, "vector", 3 * 1_000)[1]
    assert (again.training.codes == coded.training.codes).all()
    assert (again.training.labels == coded.training.labels).all()
    assert categories_of(fold.training, "vector") == {1: 41}
    assert bins.ranks[1].shape == (41,)


def test_rows_are_coded_alike_by_the_driver_and_by_executors(fold: Fold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "SAMPLE_ROWS", 2_000)  # else the training rows are read once, as the sample
    _, here = read_fold(fold, "vector", 1 << 30)
    monkeypatch.setattr(matrix, "_DIRECT_BYTES", 0)
    _, there = read_fold(fold, "vector", 1 << 30)
    for one, other in ((here.training, there.training), (here.validation, there.validation)):
        assert one.is_whole
        assert other.is_whole
        assert (one.codes == other.codes).all()
        assert (one.labels == other.labels).all()
        assert (one.weights == other.weights).all()


def test_workers_are_as_many_as_can_run_at_once(spark: SparkSession) -> None:
    conf = SparkConf(loadDefaults=False)
    assert count_workers(conf, 8, 1_000_000, 10, 1) == 8
    assert count_workers(conf, 8, 30_000, 10, 1) == 3
    assert count_workers(conf.set("spark.task.cpus", "2"), 8, 1_000_000, 10, 1) == 4
    conf.set("spark.dynamicAllocation.enabled", "true")
    assert count_workers(conf, 8, 1_000, 10, 10_000) == 1
    with pytest.raises(ConfigurationError, match=r"E-TRAIN-007 1,000 rows of 10 features .*dynamicAllocation"):
        count_workers(conf, 8, 1_000, 10, 9_999)
