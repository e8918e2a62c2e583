"""A home is told to lie outside what training saw, by the features that do; gaps and categories count too."""

import pytest
from pyspark.sql import DataFrame, SparkSession

from housing_spark.features import fit_domain

COLUMNS = "x double, gaps int, kind string"
TRAIN = [(1.0, 5, "a"), (3.0, None, "it's"), (2.0, 7, None)]
HOMES = [
    ((1.0, 5, "a"), []),
    ((3.0, None, None), []),
    ((0.999, 8, "it's"), ["x", "gaps"]),
    ((None, 6, "b"), ["x", "kind"]),
]


@pytest.fixture(scope="module")
def training(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(TRAIN, COLUMNS)


def test_inputs_outside_of_training_are_named(spark: SparkSession, training: DataFrame) -> None:
    homes = spark.createDataFrame([home for home, _ in HOMES], COLUMNS).coalesce(1)
    told = fit_domain(training, ["x", "gaps"], ["kind"]).transform(homes).toPandas()
    assert [list(inputs) for inputs in told["extrapolated_inputs"]] == [inputs for _, inputs in HOMES]
    assert told["is_extrapolation"].tolist() == [bool(inputs) for _, inputs in HOMES]
    assert set(told) == {"x", "gaps", "kind", "extrapolated_inputs", "is_extrapolation"}


def test_a_feature_of_too_many_categories_is_not_looked_at(
    spark: SparkSession, training: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("housing_spark.features.domain._MOST_CATEGORIES", 2)
    new = spark.createDataFrame([(2.0, 5, "never seen")], COLUMNS)
    assert fit_domain(training, [], ["kind"]).transform(new).toPandas()["is_extrapolation"].tolist() == [False]
