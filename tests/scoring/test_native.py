"""Native trees: Spark's own ensembles, read from their files, give Spark's predictions."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import StringIndexer, UnivariateFeatureSelector, VarianceThresholdSelector, VectorAssembler
from pyspark.ml.linalg import Vectors
from pyspark.ml.regression import GBTRegressor, LinearRegression, RandomForestRegressor
from pyspark.sql import DataFrame, SparkSession

from housing_spark.scoring import NativeEnsemble, load_native, make_native, read_certificate
from housing_spark.scoring.native import price_natively
from housing_spark.scoring.native.ensemble import Ensemble, read_ensemble
from housing_spark.scoring.native.stage import price_few_natively
from housing_spark.training.hist.attributes import signs_of

ROWS = 2_000
COLUMNS = {"featuresCol": "vector", "labelCol": "label", "predictionCol": "prediction", "seed": 3}
ESTIMATORS = {
    "boosted": lambda: GBTRegressor(maxIter=12, maxDepth=6, stepSize=0.2, maxBins=64, **COLUMNS),
    "forest": lambda: RandomForestRegressor(numTrees=9, maxDepth=7, maxBins=64, **COLUMNS),
    "one leaf": lambda: GBTRegressor(maxIter=1, maxDepth=0, maxBins=64, **COLUMNS),
}

# Two of the three features: without rooms, whose variance is least, or without the city, whose index says least.
SELECTORS = {
    "variance": lambda: VarianceThresholdSelector(featuresCol="vector", outputCol="chosen", varianceThreshold=10.0),
    "univariate": lambda: UnivariateFeatureSelector(
        featuresCol="vector", outputCol="chosen", labelCol="label", selectionMode="numTopFeatures"
    ).setFeatureType("continuous").setLabelType("continuous").setSelectionThreshold(2),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    """A number with many values, one with few, and a category whose order of prices is not that of its indexes."""
    draw = np.random.default_rng(8)
    area, rooms, city = draw.lognormal(4, 0.5, ROWS), draw.integers(1, 9, ROWS), draw.integers(0, 40, ROWS)
    label = 900 * area + 9_000 * rooms * (city % 3) + 700 * (city * 7 % 40) + draw.normal(0, 4_000, ROWS)
    keys, cities = [f"{place:05d}" for place in range(ROWS)], [f"town {number}" for number in city]
    table = pa.table({"row_key": keys, "label": label, "area": area, "rooms": rooms * 1.0, "city": cities})
    return spark.createDataFrame(table).cache()


def stages(rows: DataFrame) -> list[object]:
    """Feature stages that take what a probe may have."""
    indexer = StringIndexer(inputCol="city", outputCol="index", handleInvalid="keep").fit(rows)
    return [indexer, VectorAssembler(inputCols=["area", "index", "rooms"], outputCol="vector", handleInvalid="keep")]


def fitted(rows: DataFrame, estimator: GBTRegressor | RandomForestRegressor | LinearRegression) -> PipelineModel:
    described = PipelineModel(stages(rows))
    return PipelineModel([*described.stages, estimator.fit(described.transform(rows))])


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_native_predictions_are_sparks(kind: str, rows: DataFrame, tmp_path: Path) -> None:
    pipeline = fitted(rows, ESTIMATORS[kind]())
    pipeline.save(str(tmp_path / "model"))
    ensemble = read_ensemble(tmp_path / "model")
    assert ensemble is not None
    native = NativeEnsemble.from_bytes(NativeEnsemble.of(ensemble).to_bytes())
    ways = (pipeline.transform(rows), price_natively(rows, pipeline, [native]),
            price_few_natively(rows, pipeline, [native], ("row_key",)))  # fmt: skip
    spark, executors, driver = (
        frame.orderBy("row_key").select("prediction").toArrow()["prediction"].to_numpy() for frame in ways
    )
    assert np.abs(spark - executors).max() < 1e-12 * np.median(spark)
    assert (executors == driver).all()
    assert ways[2].columns == ["row_key", "prediction"]
    assert len(list(ensemble.trees())) == len(pipeline.stages[-1].treeWeights)


def test_the_drivers_prices_lie_in_as_many_parts_as_there_are_cores(
    rows: DataFrame, spark: SparkSession, tmp_path: Path
) -> None:
    pipeline = fitted(rows, ESTIMATORS["one leaf"]())
    pipeline.save(str(tmp_path / "model"))
    ensemble = read_ensemble(tmp_path / "model")
    assert ensemble is not None
    sizes = {"maxRecordsPerBatch": "100", "localRelationThreshold": "0"}  # each batch of 100 rows a part of its own
    try:
        for name, size in sizes.items():
            spark.conf.set(f"spark.sql.execution.arrow.{name}", size)
        priced = price_few_natively(rows, pipeline, [NativeEnsemble.of(ensemble)], ("row_key",))
        parts = priced.rdd.getNumPartitions()
    finally:
        for name in sizes:
            spark.conf.unset(f"spark.sql.execution.arrow.{name}")
    assert parts == spark.sparkContext.defaultParallelism
    assert priced.count() == ROWS


@pytest.mark.parametrize(("selector", "signs"), [("variance", ()), ("univariate", (0, 1))])
def test_trees_on_selected_features_are_sparks_too(
    selector: str, signs: tuple[int, ...], rows: DataFrame, tmp_path: Path
) -> None:
    before = PipelineModel(stages(rows)).transform(rows)
    selected = SELECTORS[selector]().fit(before)
    trees = GBTRegressor(maxIter=4, maxBins=64, **COLUMNS | {"featuresCol": "chosen"}).fit(selected.transform(before))
    pipeline = PipelineModel([*stages(rows), selected, trees])
    pipeline.save(str(tmp_path / "model"))
    native = NativeEnsemble.of(read_ensemble(tmp_path / "model"))
    both = [frame.orderBy("row_key").select("prediction").toArrow()["prediction"].to_numpy()
            for frame in (pipeline.transform(rows), price_natively(rows, pipeline, [native]))]  # fmt: skip
    assert native.features.max() == 1
    assert np.abs(both[0] - both[1]).max() < 1e-12 * np.median(both[0])
    assert signs_of(selected.transform(before), "chosen", {"rooms": 1}) == signs


def test_a_threshold_parts_neighbouring_doubles(rows: DataFrame, tmp_path: Path) -> None:
    pipeline = fitted(rows, ESTIMATORS["boosted"]())
    pipeline.save(str(tmp_path / "model"))
    native = NativeEnsemble.of(read_ensemble(tmp_path / "model"))
    cut = native.thresholds[(native.features == 0) & np.isfinite(native.thresholds)].min()
    values = np.array([[cut, 0.0, 4.0], [np.nextafter(cut, np.inf), 0.0, 4.0], [np.nextafter(cut, -np.inf), 0.0, 4.0]])
    at, above, below = native.predict(values.T)
    spark = [pipeline.stages[-1].predict(Vectors.dense(row)) for row in values]
    assert at == below != above
    assert np.allclose([at, above, below], spark, rtol=1e-12)


@pytest.mark.parametrize("strange", [57.0, -1.0, float("nan"), float("inf")])
def test_a_category_that_no_split_knows_goes_where_spark_sends_it(
    strange: float, rows: DataFrame, tmp_path: Path
) -> None:
    pipeline = fitted(rows, ESTIMATORS["forest"]())
    pipeline.save(str(tmp_path / "model"))
    native = NativeEnsemble.of(read_ensemble(tmp_path / "model"))
    values = np.array([[area, strange, 4.0] for area in (20.0, 55.0, 130.0)])
    spark = [pipeline.stages[-1].predict(Vectors.dense(row)) for row in values]
    assert native.is_left.any()
    assert np.allclose(native.predict(values.T), spark, rtol=1e-12)


def test_a_thousand_trees_lose_no_more_digits_than_a_few() -> None:
    draw, count = np.random.default_rng(4), 1_000
    leaves = draw.normal(0, 20_000, (count, 2))
    values, rows = (np.insert(numbers, 0, 0.0, axis=1).ravel() for numbers in (leaves, np.full((count, 2), 5.0)))
    stumps = Ensemble(
        1, np.arange(count + 1) * 3, np.tile([1, -1, -1], count), np.tile([0, -1, -1], count),
        np.repeat(draw.normal(size=count), 3) * np.tile([1.0, np.nan, np.nan], count), values, rows, {}, {},
    )  # fmt: skip
    column = draw.normal(size=500)
    goes_left = column[:, None] <= stumps.thresholds[::3]
    exact = np.where(goes_left, leaves[:, 0], leaves[:, 1]).sum(axis=1)
    found = NativeEnsemble.of(stumps).predict([column])
    assert np.abs(found - exact).max() < 1e-13 * np.abs(exact).max()


def test_the_certificate_says_what_was_compared(rows: DataFrame, tmp_path: Path) -> None:
    pipeline = fitted(rows, ESTIMATORS["boosted"]())
    pipeline.save(str(tmp_path / "sparkml"))
    files = make_native(tmp_path, pipeline, rows, ["area", "rooms"], ["city"])
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    certificate = read_certificate(tmp_path)
    assert load_native(tmp_path) is not None
    assert certificate.rows == 1_000 + certificate.bent_rows
    assert certificate.bent_rows == 3 * (3 + 3 + 2)  # missing and both extremes; missing and unseen
    assert 0 <= certificate.largest_difference < 1e-12


def test_trees_that_are_not_the_models_are_found_out(rows: DataFrame, tmp_path: Path) -> None:
    fitted(rows, ESTIMATORS["forest"]()).save(str(tmp_path / "sparkml"))
    files = make_native(tmp_path, fitted(rows, ESTIMATORS["boosted"]()), rows, ["area", "rooms"], ["city"])
    (tmp_path / "native_parity.json").write_bytes(files["native_parity.json"])
    assert read_certificate(tmp_path).largest_difference > 0.01


def test_a_model_without_trees_has_no_native_form(rows: DataFrame, tmp_path: Path) -> None:
    columns = {name: value for name, value in COLUMNS.items() if name != "seed"}
    pipeline = fitted(rows, LinearRegression(**columns))
    pipeline.save(str(tmp_path / "sparkml"))
    assert make_native(tmp_path, pipeline, rows, ["area"], []) == {}
    assert load_native(tmp_path) is read_certificate(tmp_path) is None


def test_neither_scoring_nor_training_imports_what_xgboost_would_like_to_have() -> None:
    code = "import sys, housing_spark.scoring as _; print('xgboost' in sys.modules, 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
    both = (
        "import sys, housing_spark.boosting; print('sklearn' in sys.modules); "
        "import sklearn.base; print(sklearn.base.BaseEstimator.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", both], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "BaseEstimator"]
