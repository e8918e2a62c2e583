"""Ranges cover what they promise, by group and level; confidence is a probability; against NumPy."""

import json

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from housing_spark.errors import InputRefusedError
from housing_spark.evaluation import Ranges, calibrate, group_stage, range_stage
from housing_spark.evaluation.intervals import order_statistics, ranges_of
from housing_spark.settings.evaluation import Evaluation

LEVELS = Evaluation(interval_levels=(0.5, 0.95))
ROWS = 4_000


def homes(rows: int, seed: int) -> pd.DataFrame:
    """Prices whose errors grow with difficulty, and are twice as large in one town as difficulty says."""
    draw = np.random.default_rng(seed)
    prediction, difficulty = draw.lognormal(12, 0.4, rows), draw.lognormal(9, 0.8, rows)
    town = draw.choice(["it's \\ far", "near", "tiny"], rows, p=[0.3, 0.69, 0.01])
    errors = draw.normal(0, difficulty) * np.where(town == "it's \\ far", 2.0, 1.0)
    keys = [f"{place:05d}" for place in range(rows)]
    return pd.DataFrame(
        {"row_key": keys, "town": town, "prediction": prediction, "label": prediction + errors,
         "log_difficulty": np.log(difficulty)}
    )  # fmt: skip


@pytest.fixture(scope="module")
def ranges(spark: SparkSession) -> Ranges:
    found = calibrate(spark.createDataFrame(homes(ROWS, 1)), "town", LEVELS)
    return Ranges.from_json(json.loads(json.dumps(found.to_json())))


@pytest.fixture(scope="module")
def priced(spark: SparkSession, ranges: Ranges) -> pd.DataFrame:
    new: DataFrame = spark.createDataFrame(homes(ROWS, 2))
    return range_stage(ranges, is_positive=True).transform(group_stage(ranges).transform(new)).toPandas()


def test_the_ratios_are_order_statistics_of_errors_over_expected_errors(ranges: Ranges) -> None:
    rows = homes(ROWS, 1)
    ratios = (rows.label - rows.prediction).abs() / np.exp(rows.log_difficulty)
    for name, found in (("near", ranges.groups["near"]), (None, ranges.overall)):
        own = np.sort(ratios[rows.town == name] if name else ratios)
        assert found.levels == pytest.approx(
            [own[int(np.ceil((len(own) + 1) * level)) - 1] for level in (0.5, 0.9, 0.95)]
        )
        assert found.percentiles[89] == found.levels[1]
        assert len(found.percentiles) == 99
    assert ranges.groups.keys() == {"it's \\ far", "near"}


def test_every_level_covers_its_share_in_every_group_and_holds_the_narrower(priced: pd.DataFrame) -> None:
    assert set(priced.loc[priced.town == "tiny", "range_group"]) == {None}
    assert (priced.range_group == priced.town)[priced.town != "tiny"].all()
    narrow, main, wide = ends = [
        pd.DataFrame([cell[place].asDict() for cell in priced.ranges]) for place in range(len(priced.ranges[0]))
    ]
    for level, one in zip((0.5, 0.9, 0.95), ends, strict=True):
        assert set(one.level) == {level}
        inside = priced.label.between(one.lower, one.upper) | (priced.label < 0)  # where a range ends at nought
        for town in ("it's \\ far", "near"):
            assert abs(inside[priced.town == town].mean() - level) < 0.03
    assert ((wide.lower <= main.lower) & (main.lower <= narrow.lower)).all()
    assert ((wide.upper >= main.upper) & (main.upper >= narrow.upper)).all()
    assert (main.lower == priced.prediction_lower).all()
    assert (main.upper == priced.prediction_upper).all()
    assert (priced.prediction_lower >= 0).all()
    assert (priced.prediction_lower <= priced.prediction).all()


def test_two_thirds_of_the_errors_are_within_a_forecast_deviation(priced: pd.DataFrame) -> None:
    relative = (priced.label / priced.prediction - 1).abs()
    assert abs((relative <= priced.forecast_sd).mean() - 0.6827) < 0.02


def test_confidence_is_the_probability_of_a_price_within_a_tenth(priced: pd.DataFrame) -> None:
    is_within = (priced.label / priced.prediction - 1).abs() <= 0.1
    bands = pd.cut(priced.confidence, [-1, 40, 60, 75, 90, 99])
    table = pd.DataFrame({"said": priced.confidence / 100, "was": is_within}).groupby(bands, observed=True).mean()
    assert len(table) == 5
    assert ((table.said - table.was).abs() < 0.05).all()


def test_few_rows_give_no_percentiles_that_they_do_not_have() -> None:
    ratios = np.arange(1.0, 31.0)
    found = order_statistics(ratios, (0.5, 0.9))
    assert found.levels == (16.0, 28.0)
    assert len(found.percentiles) == 96
    assert ranges_of(ratios, None, None, LEVELS).groups == {}
    with pytest.raises(InputRefusedError, match=r"E-TRAIN-005 18 calibration rows cannot give a 95% range"):
        ranges_of(ratios[:18], None, None, LEVELS)
