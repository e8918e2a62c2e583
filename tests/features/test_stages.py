"""Learned stages: from training rows alone, against pandas; unseen categories are scored; no class of ours is saved."""

from pathlib import Path

import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from housing_spark.errors import ConfigurationError, InputRefusedError
from housing_spark.features.grown import Inputs
from housing_spark.features.stages import VECTOR, feature_pipeline
from housing_spark.settings.features import Features

TRAIN = [
    (float(i), float(i % 7) if i % 5 else None, "a" if i % 3 else "b", "c'\\" if i % 2 else "d") for i in range(60)
]
COLUMNS = "x double, gaps double, kind string, odd string"
PLAIN = Features(rare_category_rows=2)


@pytest.fixture(scope="module")
def training(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([*TRAIN, (1000.0, 1.0, "once", None)], COLUMNS).selectExpr("*", "x * 2 AS label")


def fit(training: DataFrame, settings: Features = PLAIN, encoding: str = "index") -> PipelineModel:
    return feature_pipeline(Inputs(("x", "gaps"), ("kind", "odd")), encoding, settings).fit(training)


def test_gaps_are_filled_with_the_training_median_and_marked(training: DataFrame) -> None:
    out = fit(training).transform(training).toPandas()
    median = training.toPandas()["gaps"].quantile(0.5, interpolation="lower")
    gaps = out["gaps"].isna()
    assert set(out.loc[gaps, "gaps__value"]) == {median}
    assert (out["gaps__missing"] == gaps.astype(float)).all()
    assert "x__missing" not in out


@pytest.mark.parametrize("method", ["iqr", "zscore"])
def test_outliers_are_clipped_at_bounds_of_the_training_rows(training: DataFrame, method: str) -> None:
    settings = Features(outliers=method, outlier_factor=1.5)
    out = fit(training, settings).transform(training).toPandas()["x__value"]
    x = pd.Series([row[0] for row in TRAIN] + [1000.0])
    low, high = x.quantile(0.25, interpolation="lower"), x.quantile(0.75, interpolation="lower")
    expected = high + 1.5 * (high - low) if method == "iqr" else x.mean() + 1.5 * x.std()
    assert out.max() == pytest.approx(expected)
    assert fit(training, Features(outliers="none")).transform(training).toPandas()["x__value"].max() == 1000.0


def test_rare_unseen_and_missing_categories_are_scored(training: DataFrame, spark: SparkSession) -> None:
    model = fit(training)
    new = spark.createDataFrame(
        [(1.0, None, "never seen", None), (None, None, "once", "d"), (1.0, 1.0, "a", "c'\\")], COLUMNS
    )
    out = model.transform(new).toPandas()
    assert out["kind__group"].tolist() == ["(rare)", "(rare)", "a"]
    assert out["odd__group"].tolist() == ["(rare)", "d", "c'\\"]
    assert out[VECTOR].map(len).nunique() == 1


def test_one_hot_numbers_are_scaled_by_training_rows(training: DataFrame) -> None:
    out = fit(training, encoding="one_hot").transform(training).toPandas()
    scaled = pd.DataFrame([vector.toArray() for vector in out["scaled"]])
    assert scaled.mean().abs().max() < 1e-9
    assert scaled.std().round(9).eq(1).all()


def test_terms_and_selection_by_setting(training: DataFrame) -> None:
    base = len(fit(training).transform(training).first()[VECTOR])
    terms = Features(rare_category_rows=2, polynomial=("x", "gaps"), ratios=("x/gaps",))
    row = fit(training, terms).transform(training).toPandas().iloc[3]
    assert row["x__times__gaps"] == row["x__value"] * row["gaps__value"]
    assert row["x__per__gaps"] == row["x__value"] / row["gaps__value"]
    assert len(row[VECTOR]) == base + 4
    for selection in ("variance", "univariate"):
        chosen = terms.model_copy(update={"selection": selection})
        assert len(fit(training, chosen).transform(training).first()[VECTOR]) <= base + 4
    assert len(fit(training, chosen).transform(training).first()[VECTOR]) < base + 4


def test_mistakes_name_the_feature(training: DataFrame) -> None:
    with pytest.raises(ConfigurationError, match="'nope' is no numeric feature"):
        feature_pipeline(Inputs(("x",)), "index", Features(ratios=("x/nope",)))
    with pytest.raises(InputRefusedError, match="column gaps has no values"):
        fit(training.withColumn("gaps", training["gaps"] * None))


def test_a_saved_pipeline_is_made_of_sparks_own_stages(training: DataFrame, tmp_path: Path) -> None:
    model = fit(training)
    model.save(str(tmp_path / "stages"))
    metadata = "".join(file.read_text() for file in (tmp_path / "stages").rglob("metadata/part-*"))
    assert "housing_spark" not in metadata
    loaded = PipelineModel.load(str(tmp_path / "stages"))
    assert loaded.transform(training).select(VECTOR).collect() == model.transform(training).select(VECTOR).collect()
