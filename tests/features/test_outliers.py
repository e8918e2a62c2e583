"""Outliers: flags beside clipped numbers, and training rows that no model learns from."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.contract import Contract, load_contract
from housing_spark.features import ordinary_rows
from housing_spark.features.grown import Inputs
from housing_spark.features.stages import feature_pipeline
from housing_spark.settings.features import Families, Features

ROWS = 400
FAR = ("0003", "0009")  # in the training split and in the test split, as far out as each other
WAYS = ("iqr", "zscore", "isolation_forest")


@pytest.fixture(scope="module")
def contract() -> Contract:
    market = load_contract("market")
    chosen = market.features.model_copy(update={"numeric": ["rooms", "school_score"], "categorical": [], "derived": {}})
    return market.model_copy(update={"features": chosen, "location": None})


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> DataFrame:
    draw = np.random.default_rng(1)
    keys = [f"{place:04d}" for place in range(ROWS)]
    far = np.isin(keys, FAR)
    table = pd.DataFrame({
        "row_key": keys, "split": np.where(np.arange(ROWS) % 4, "train", "test"),
        "rooms": np.where(far, 90.0, draw.normal(5, 1, ROWS)),
        "school_score": pd.Series(draw.normal(5, 1, ROWS)).where(draw.uniform(size=ROWS) > 0.1),
        "label": np.where(far, 9e6, draw.normal(3e5, 2e4, ROWS)),
    })  # fmt: skip
    table.loc[far, "split"] = ["train", "test"]
    return spark.createDataFrame(pa.Table.from_pandas(table, preserve_index=False)).cache()


def gone(rows: DataFrame, kept: DataFrame) -> set[str]:
    return {row["row_key"] for row in rows.select("row_key").subtract(kept.select("row_key")).collect()}


@pytest.mark.parametrize("way", WAYS)
def test_no_model_learns_from_what_lies_far_out(rows: DataFrame, contract: Contract, way: str) -> None:
    left_out = gone(rows, ordinary_rows(rows, contract, Features(training_outliers=way, isolated_share=0.01)))
    assert FAR[0] in left_out
    assert FAR[1] not in left_out  # a test row, and a home to price, always stay
    assert len(left_out) <= ROWS * 0.75 * 0.01 + 1


def test_all_rows_stay_unless_asked(rows: DataFrame, contract: Contract) -> None:
    assert ordinary_rows(rows, contract, Features()) is rows


def test_a_missing_number_is_no_outlier(rows: DataFrame, contract: Contract) -> None:
    kept = ordinary_rows(rows, contract, Features(training_outliers="iqr"))
    assert kept.where("school_score IS NULL").count() == rows.where("school_score IS NULL").count()


@pytest.mark.parametrize("way", WAYS)
def test_a_number_without_values_makes_no_outliers(rows: DataFrame, contract: Contract, way: str) -> None:
    empty = rows.withColumn("school_score", F.lit(None).cast("double"))
    assert FAR[0] in gone(empty, ordinary_rows(empty, contract, Features(training_outliers=way)))


def test_flags_say_what_was_clipped(rows: DataFrame) -> None:
    settings = Features(families=Families(outlier_flags=True))
    described = feature_pipeline(Inputs(("rooms",)), "index", settings).fit(rows).transform(rows)
    flagged = described.where("rooms__outlier = 1")
    assert {row["row_key"] for row in flagged.collect()} == set(FAR)
    assert flagged.where("rooms__value < 90").count() == len(FAR)
    plain = feature_pipeline(Inputs(("rooms",)), "index", Features()).fit(rows).transform(rows)
    assert "rooms__outlier" not in plain.columns
