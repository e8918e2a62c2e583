"""What a report gathers from rows and models, against pandas, NumPy and the model itself."""

import numpy as np
import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.regression import GBTRegressor, LinearRegression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.evaluation import report
from housing_spark.evaluation.report.facts import Place
from housing_spark.evaluation.report.gather import BARS, POINTS
from housing_spark.features import VECTOR, vector_features
from housing_spark.features.grown import Inputs
from housing_spark.features.stages import feature_pipeline
from housing_spark.settings.features import Features

ROWS, CAP = 3_000, 400_000.0
PLACE = Place("long", "lat", is_degrees=True)


@pytest.fixture(scope="module")
def judged(spark: SparkSession) -> DataFrame:
    draw = np.random.default_rng(5)
    label = draw.lognormal(12, 0.4, ROWS)
    frame = pd.DataFrame(
        {
            "row_key": [f"{i:032x}" for i in range(ROWS)],
            "label": label,
            "prediction": label * draw.normal(1.02, 0.1, ROWS),
            "long": draw.uniform(10, 11, ROWS),
            "lat": draw.uniform(59, 61, ROWS),
            "area": label / 1000 + draw.normal(0, 20, ROWS),
            "rooms": draw.integers(1, 9, ROWS).astype(float),
            "town": np.where(draw.uniform(size=ROWS) < 0.3, "small", "large"),
            "split": np.where(np.arange(ROWS) % 4 == 0, "validation", "train"),
            "event_time": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(ROWS) % 100, unit="D"),
        }
    )
    frame.loc[::10, "rooms"] = np.nan
    frame.loc[7, "label"] = 0.0
    frame["prediction_lower"], frame["prediction_upper"] = frame["prediction"] * 0.85, frame["prediction"] * 1.15
    rows = spark.createDataFrame(frame)
    return rows.withColumn("rooms", F.when(~F.isnan("rooms"), F.col("rooms"))).persist()


def test_errors_agree_with_pandas(judged: DataFrame) -> None:
    errors, frame = report.gather_errors(judged, PLACE, CAP), judged.toPandas()
    relative = (frame["prediction"] - frame["label"]) / frame["label"].replace(0, np.nan)
    assert errors.rows == ROWS
    assert errors.median_label == pytest.approx(frame["label"].median(), rel=1e-3)
    assert errors.capped == (frame["label"] >= CAP).sum()
    assert np.allclose(errors.bounds, np.quantile(frame["prediction"], np.linspace(0, 1, 11)), rtol=5e-3)
    bands = pd.cut(frame["prediction"], [-np.inf, *errors.bounds[1:-1], np.inf], labels=False)
    is_inside = frame["label"].between(frame["prediction_lower"], frame["prediction_upper"])
    for band in errors.bands:
        own = bands == band.at
        assert band.rows == own.sum()
        assert band.inside == is_inside[own].sum()
        assert band.median_ape == pytest.approx(relative[own].abs().median(), rel=0.03)
        assert np.allclose(band.relative, np.quantile(relative[own].dropna(), [0.1, 0.5, 0.9], method="inverted_cdf"))
    ends = (-errors.reach, errors.reach)
    counted = np.histogram(relative.dropna().clip(ends[0], ends[1] - 1e-9), BARS, ends)[0]
    assert {bar.at: bar.rows for bar in errors.bars} == {at: rows for at, rows in enumerate(counted) if rows}


def test_a_map_has_square_cells_that_hold_the_rows_that_lie_in_them(judged: DataFrame) -> None:
    errors, frame = report.gather_errors(judged, PLACE, None), judged.toPandas()
    grid = errors.grid
    assert grid is not None
    assert errors.capped == 0
    assert grid.columns * grid.lines <= 3_600
    assert grid.step_x * np.cos(np.radians(60)) == pytest.approx(grid.step_y, rel=0.01)
    column, line = (frame["long"] - grid.x) // grid.step_x, (frame["lat"] - grid.y) // grid.step_y
    is_on = column.between(0, grid.columns - 1) & line.between(0, grid.lines - 1) & (frame["label"] > 0)
    at = (line * grid.columns + column)[is_on].astype(int)
    # A row whose price is 0 has no relative error, but lies in its cell.
    assert sum(abs(cell.rows - (at == cell.at).sum()) for cell in errors.cells) <= 1
    assert len(at) > 0.97 * ROWS
    flat = report.gather_errors(judged, Place("long", "lat", is_degrees=False), None).grid
    assert flat is not None
    assert flat.step_x == flat.step_y


def test_without_a_place_or_an_extent_there_is_no_map(judged: DataFrame) -> None:
    assert report.gather_errors(judged, None, None).grid is None
    point = judged.withColumns({"long": F.lit(1.0), "lat": F.lit(2.0)})
    assert report.gather_errors(point, PLACE, None).grid is None


def test_single_rows_are_bounded_and_the_same_in_any_layout(judged: DataFrame) -> None:
    points = report.gather_errors(judged, None, None).points
    assert len(points) == POINTS
    assert points == report.gather_errors(judged.repartition(7), None, None).points


def test_the_data_of_the_card_agree_with_pandas(judged: DataFrame) -> None:
    data, frame = report.gather_data(judged, ["area", "rooms", "town"], PLACE), judged.toPandas()
    assert data.rows == frame["split"].value_counts().to_dict()
    assert data.missing == (("rooms", 0.1),)
    assert data.extent == (frame["long"].min(), frame["long"].max(), frame["lat"].min(), frame["lat"].max())
    train = frame[frame["split"] == "train"]
    part = data.parts[0]
    assert (part.name, part.lowest, part.highest) == ("train", train["label"].min(), train["label"].max())
    assert (part.first, part.last) == ("2020-01-02", "2020-04-09")


def fitted(judged: DataFrame, encoding: str, estimator: object) -> tuple[PipelineModel, DataFrame]:
    rows = judged.drop("prediction")
    train = rows.where("split = 'train'")
    stages = feature_pipeline(Inputs(("area", "rooms"), ("town",)), encoding, Features()).fit(train)
    model = PipelineModel([*stages.stages, estimator.fit(stages.transform(train))])
    return model, model.transform(rows)


def test_a_linear_model_is_weighed_by_coefficient_and_spread(judged: DataFrame) -> None:
    model, described = fitted(judged, "one_hot", LinearRegression(featuresCol=VECTOR, labelCol="label"))
    names = vector_features(model, described.schema)
    assert names[:3] == ("area", "rooms", "rooms")
    assert set(names[3:]) == {"town"}
    inside = report.look_inside(model, described, names, {"train": 2_250, "validation": 750})
    train = described.where("split = 'train'").select(VECTOR).toPandas()[VECTOR]
    spread = np.std([vector.toArray() for vector in train], axis=0, ddof=1)
    weights = np.abs(model.stages[-1].coefficients.toArray()) * spread
    expected = dict.fromkeys(names, 0.0)
    for name, weight in zip(names, weights / weights.sum(), strict=True):
        expected[name] += weight
    assert dict(inside.weights) == pytest.approx(expected)
    assert inside.weights[0][0] == "area"
    assert (inside.curve, inside.is_log) == ({}, False)


def test_boosted_trees_have_a_learning_curve_that_ends_at_the_model(judged: DataFrame) -> None:
    log = judged.where("label > 0").withColumn("log_label", F.ln("label"))
    model, described = fitted(log, "index", GBTRegressor(featuresCol=VECTOR, labelCol="log_label", maxIter=6, seed=1))
    names = vector_features(model, described.schema)
    assert names == ("area", "rooms", "rooms", "town")
    inside = report.look_inside(model, described.drop("log_label"), names, {"train": 2_250, "validation": 750})
    assert sum(weight for _, weight in inside.weights) == pytest.approx(1)
    assert inside.weights[0][0] == "area"
    assert inside.is_log
    for split, curve in inside.curve.items():
        own = described.where(F.col("split") == split)
        rmse = own.agg(F.sqrt(F.avg((F.col("prediction") - F.col("log_label")) ** 2))).collect()[0][0]
        assert len(curve) == 6
        assert curve[-1] == pytest.approx(rmse)
        assert curve[-1] < curve[0]
