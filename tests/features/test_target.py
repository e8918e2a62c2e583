"""Target encoding: mean prices of other folds, the same for new rows, and nothing of a row's own price."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.features.grown import Grown, Inputs
from housing_spark.features.stages import feature_pipeline
from housing_spark.features.target import grow
from housing_spark.settings.features import Features, TargetEncoding

INPUTS = Inputs(("area",), ("street", "kind"))
ROWS, FOLDS, SMOOTHING = 600, 4, 3.0
SETTINGS = Features(
    target_encoding=TargetEncoding(min_categories=5, max_categories=20, folds=FOLDS, smoothing=SMOOTHING)
)
FOLD = f"CAST(PMOD(XXHASH64('target', area, street, kind), {FOLDS}) AS INT)"


def sales() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    street = draw.integers(0, 30, ROWS)
    return pd.DataFrame({
        "row_key": [f"{place:04d}" for place in range(ROWS)], "area": draw.uniform(50, 200, ROWS),
        "street": pd.Series([f"O'Neil {one}" for one in street]).where(street > 0),
        "kind": draw.choice(["a", "b"], ROWS),
        "label": np.round(1_000.0 * street + draw.uniform(0, 500, ROWS), 2),
    })  # fmt: skip


@pytest.fixture(scope="module")
def training(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(pa.Table.from_pandas(sales(), preserve_index=False)).cache()


@pytest.fixture(scope="module")
def model(training: DataFrame) -> PipelineModel:
    grown = Grown(training, INPUTS, SETTINGS)
    grow(grown)
    assert grown.numbers == ["street__mean_price"]  # kind has few categories
    return PipelineModel(grown.stages)


def expected(table: pd.DataFrame) -> pd.Series:
    """By hand: of the 20 streets with most sales, in the other folds, drawn to the mean of all of these."""
    counts = (
        table.groupby("street").size().reset_index(name="rows").sort_values(["rows", "street"], ascending=[False, True])
    )
    frequent = set(counts["street"][:20])

    def mean(row: pd.Series) -> float:
        others = table[table["fold"] != row["fold"]]
        usual = others["label"].mean()
        own = others[others["street"] == row["street"]]["label"] if row["street"] in frequent else others["label"][:0]
        return (own.sum() + SMOOTHING * usual) / (len(own) + SMOOTHING)

    return table.apply(mean, axis=1)


def test_the_mean_is_that_of_the_other_folds(training: DataFrame, model: PipelineModel) -> None:
    table = model.transform(training).withColumn("fold", F.expr(FOLD)).toPandas()
    assert table["fold"].nunique() == FOLDS
    np.testing.assert_allclose(table["street__mean_price"], expected(table), rtol=1e-9)


def test_a_row_s_own_price_tells_it_nothing(training: DataFrame, model: PipelineModel) -> None:
    dearer = training.withColumn("label", F.col("label") + F.when(F.col("row_key") == "0007", 1e6).otherwise(0))
    grown = Grown(dearer, INPUTS, SETTINGS)
    grow(grown)
    before, after = (
        one.select("row_key", "street__mean_price").toPandas().set_index("row_key")["street__mean_price"]
        for one in (model.transform(training), grown.frame)
    )
    assert after["0007"] == before["0007"]
    assert (after != before).sum() > 1


def test_a_new_row_is_told_what_its_twin_is_and_a_new_category_the_usual(
    training: DataFrame, model: PipelineModel
) -> None:
    known = model.transform(training).select("street__mean_price").toPandas()
    new = model.transform(training.drop("label", "row_key")).select("street__mean_price").toPandas()
    pd.testing.assert_frame_equal(known, new)
    unknown = model.transform(training.withColumn("street", F.lit("nowhere")))
    assert unknown.select("street__mean_price").distinct().count() == FOLDS


def test_the_family_is_there_where_it_is_asked_for(training: DataFrame) -> None:
    for settings, is_there in ((SETTINGS.including("target_encoding"), True), (SETTINGS, False)):
        columns = feature_pipeline(INPUTS, "index", settings).fit(training).transform(training).columns
        assert ("street__mean_price" in columns) is is_there
