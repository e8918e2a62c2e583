"""Difficulty is learned from errors on the other half of the rows, and is the same for any layout."""

import numpy as np
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession

from housing_spark.training.hist import Coder
from housing_spark.training.hist.bins import learn_bins
from housing_spark.training.hist.difficulty import fit_difficulty, out_of_fold_errors
from housing_spark.training.hist.matrix import Coded
from housing_spark.training.prepare import Fold

ROWS = 4_000


def spread_of(area: np.ndarray) -> np.ndarray:
    """Homes of more than 60 are five times as hard to price."""
    return np.where(area > 60, 25_000.0, 5_000.0)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    draw = np.random.default_rng(3)
    area, rooms = draw.uniform(20, 100, ROWS), draw.integers(1, 9, ROWS) * 1.0
    label = 100_000 + 2_000 * area + 5_000 * rooms + draw.normal(0, spread_of(area))
    keys = [f"{place:05d}" for place in draw.permutation(ROWS)]
    return pa.table({"row_key": keys, "label": label, "weight": np.ones(ROWS), "area": area, "rooms": rooms})


def folds(spark: SparkSession, table: pa.Table, parts: int) -> Fold:
    vector = VectorAssembler(inputCols=["area", "rooms"], outputCol="vector")
    rows: DataFrame = vector.transform(spark.createDataFrame(table).repartition(parts)).cache()
    return Fold(PipelineModel([]), rows.where("row_key < '03500'"), rows.where("row_key >= '03500'"))


def test_errors_are_of_rows_that_a_fit_has_not_seen() -> None:
    draw = np.random.default_rng(4)
    values, labels = (
        draw.normal(size=(2_000, 3)),
        draw.normal(1e6, 1e4, 2_000),
    )  # nothing to learn: errors are the spread
    coded = Coded(learn_bins(values, labels, {}).codes(values), labels, np.ones(2_000), is_whole=True)
    errors = out_of_fold_errors(coded, is_log=False, seed=7)
    assert np.sqrt(np.mean(errors**2)) >= labels.std()


def test_hard_homes_are_found_whatever_the_layout(spark: SparkSession, table: pa.Table) -> None:
    found = []
    for parts in (1, 5):
        fold = folds(spark, table, parts)
        model = fit_difficulty(fold, Coder("vector", 1 << 30), is_log=False, seed=7)
        priced = model.transform(fold.validation).orderBy("row_key")
        found.append(priced.select(vector_to_array("vector").alias("x"), "log_difficulty").toPandas())
    assert (found[0]["log_difficulty"] == found[1]["log_difficulty"]).all()
    area, difficulty = np.vstack(found[0]["x"])[:, 0], np.exp(found[0]["log_difficulty"].to_numpy())
    is_clear = np.abs(area - 60) > 5
    hard = difficulty[is_clear & (area > 60)].mean() / difficulty[is_clear & (area < 60)].mean()
    assert 3 < hard < 6
