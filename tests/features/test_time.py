"""The family ``time``: the level of a market is found, goes on, and is given back to prices; no price leaks by it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.features.grown import LEVEL, Inputs
from housing_spark.features.level import Level
from housing_spark.features.stages import VECTOR, feature_pipeline
from housing_spark.settings.features import FAMILIES, Features
from housing_spark.settings.training import Training
from housing_spark.training.fit import price_stage
from housing_spark.training.prepare import Folds, laid_out

ROWS, FIRST, GROWTH = 3_000, pd.Timestamp("2018-01-01"), 0.06
INPUTS = Inputs(("area",), ("town",), is_timed=True)
# Homes become larger with time: their prices grow by more than the market does.
LARGER = 0.1


def sales(*, growth: float = GROWTH, days: int = 1_461) -> pd.DataFrame:
    draw = np.random.default_rng(5)
    day = draw.integers(0, days, ROWS)
    area = np.exp(4.5 + 0.3 * draw.normal(size=ROWS) + LARGER * day / 365.25)
    town = draw.choice(["a", "b", "c"], ROWS)
    logs = 8 + 0.8 * np.log(area) + 0.3 * (town == "a") + growth * day / 365.25 + 0.1 * draw.normal(size=ROWS)
    return pd.DataFrame({
        "row_key": [f"{place:05d}" for place in range(ROWS)], "group_key": [f"{place:05d}" for place in range(ROWS)],
        "label": np.exp(logs), "area": area, "town": town, "event_time": FIRST + pd.to_timedelta(day, unit="D"),
    })  # fmt: skip


def frame(spark: SparkSession, table: pd.DataFrame) -> DataFrame:
    return spark.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))


@pytest.fixture(scope="module")
def training(spark: SparkSession) -> DataFrame:
    return frame(spark, sales()).cache()


@pytest.fixture(scope="module")
def model(training: DataFrame) -> PipelineModel:
    return feature_pipeline(INPUTS, "index", Features()).fit(training)


def levels(model: PipelineModel, rows: DataFrame, *years: float) -> np.ndarray:
    home, found = rows.limit(1), []
    for year in years:
        when = FIRST + pd.to_timedelta(year * 365.25, unit="D")
        dated = model.transform(home.withColumn("event_time", F.lit(str(when)).cast("timestamp")))
        found.append(dated.select(LEVEL).collect()[0][0])
    return np.array(found)


def test_the_level_is_the_market_s_and_not_that_of_larger_homes(training: DataFrame, model: PipelineModel) -> None:
    found = np.log(levels(model, training, 0.5, 2.0, 3.5))
    assert np.diff(found) == pytest.approx(1.5 * GROWTH, abs=0.015)


def test_the_level_goes_on_for_some_years_and_then_stands_still(training: DataFrame, model: PipelineModel) -> None:
    [end, later, late, latest] = np.log(levels(model, training, 4.0, 5.0, 9.0, 12.0))
    assert end == pytest.approx(0, abs=1e-3)
    assert later == pytest.approx(GROWTH, abs=0.02)
    assert late > later
    assert latest == late


def test_growth_falls_back_to_its_mean() -> None:
    level = Level(1.0, (-0.2, -0.1, 0.0), growth=0.1, usual=0.05)
    first, second = np.diff(np.log([level.at(years) for years in (2.0, 3.0, 4.0)]))
    assert 0.1 > first > second > 0.05


def test_sql_and_python_say_the_same(spark: SparkSession) -> None:
    level = Level(0.3, (-0.2, 0.1, 0.05, 0.0), growth=0.1, usual=0.05)
    years = [-1.0, 0.0, 0.1, 0.3, 0.75, 0.9, 1.0, 3.0, 20.0]
    rows = spark.createDataFrame([(year,) for year in years], "y double").selectExpr(f"{level.sql('y')} AS level")
    assert [row["level"] for row in rows.collect()] == pytest.approx([level.at(year) for year in years], rel=1e-12)


def test_features_are_of_the_day_of_the_sale_and_saved_with_the_model(
    training: DataFrame, model: PipelineModel, tmp_path: Path
) -> None:
    model.save(str(tmp_path / "model"))
    assert "housing_spark" not in "".join(file.read_text() for file in tmp_path.rglob("metadata/part-*"))
    again = PipelineModel.load(str(tmp_path / "model")).transform(training).orderBy("row_key").toPandas()
    first = again["event_time"].min()
    assert again["time__years"].to_numpy() == pytest.approx((again["event_time"] - first).dt.days / 365.25, abs=1e-9)
    assert (again["time__month"] == again["event_time"].dt.month).all()
    round_trip = again["time__season_sin"] ** 2 + again["time__season_cos"] ** 2
    assert round_trip.to_numpy() == pytest.approx(1)
    assert len(again[VECTOR][0]) == len(["area", "town", "years", "sin", "cos", "month"])


def test_a_home_without_a_time_is_priced_at_the_end_of_training(training: DataFrame, model: PipelineModel) -> None:
    undated = training.limit(1).withColumn("event_time", F.lit(None).cast("timestamp"))
    row = model.transform(undated).collect()[0]
    assert row[LEVEL] == pytest.approx(1, abs=1e-6)


def test_models_learn_prices_of_one_level_and_prices_are_of_the_day(training: DataFrame) -> None:
    rows = laid_out(training.withColumn("split", F.lit("train")), 1)

    def fit(part: DataFrame, _: str) -> PipelineModel:
        return feature_pipeline(INPUTS, "index", Features()).fit(part)

    fold = Folds(rows, fit, VECTOR, F.lit(1.0), Training()).whole("index")
    assert fold.is_levelled
    described = fold.stages.transform(training).select("row_key", "label", LEVEL)
    learned = fold.training.select("row_key", F.col("label").alias("raw_prediction"))
    priced = price_stage({}, is_levelled=True).transform(described.join(learned, on="row_key", how="inner")).toPandas()
    assert priced["prediction"].to_numpy() == pytest.approx(priced["label"].to_numpy())
    assert np.corrcoef(priced["raw_prediction"], priced["label"])[0, 1] < 0.999
    fold.release()


@pytest.mark.parametrize(
    ("table", "settings"),
    [
        (sales(), Features().without("time")),
        (sales(), Features(price_level=False)),
        (sales(days=300), Features()),
        (sales().assign(label=lambda rows: rows["label"] - rows["label"].min()), Features()),
        (sales().assign(event_time=pd.NaT), Features()),
    ],
    ids=["left out", "by setting", "within a year", "a price of nought", "no times"],
)
def test_there_may_be_no_level(spark: SparkSession, table: pd.DataFrame, settings: Features) -> None:
    typed = table.assign(event_time=table["event_time"].astype("datetime64[us]"))
    rows = frame(spark, typed)
    assert LEVEL not in feature_pipeline(INPUTS, "index", settings).fit(rows).transform(rows).columns


def test_layout_does_not_change_the_level(training: DataFrame, model: PipelineModel) -> None:
    again = feature_pipeline(INPUTS, "index", Features()).fit(training.repartition(5).orderBy("label"))
    assert (levels(again, training, 0.3, 5.0) == levels(model, training, 0.3, 5.0)).all()


def test_families_are_left_out_one_by_one() -> None:
    for is_on, switched in ((False, Features().without("time")), (True, Features().including("target_encoding"))):
        changed = "target_encoding" if is_on else "time"
        others = [name for name in FAMILIES if name != changed]
        assert getattr(switched.families, changed) is is_on
        assert all(getattr(switched.families, name) is getattr(Features().families, name) for name in others)
    with pytest.raises(ValueError, match=r"'weather' is no family of features; known: time, place"):
        Features().without("weather")
