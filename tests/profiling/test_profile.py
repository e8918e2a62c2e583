"""A profile against pandas, its score by hand, and its page."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from housing_spark.errors import ConfigurationError
from housing_spark.pages import put_in_place, write_page
from housing_spark.profiling import Arrival, Survey, measure_table, profile_page, score_quality
from housing_spark.profiling.measure import BARS
from tests.browser import look_at, needs_browser

COMMENTS = {"price": "sale price", "area": "living area", "rooms": "rooms", "town": "town <&>", "empty": "nothing"}
ROWS = 400


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(3)
    area = random.normal(120, 30, ROWS).round(2)
    table = pd.DataFrame({
        "price": (area * 2_000 + random.normal(0, 9_000, ROWS)).round(0), "area": area,
        "rooms": random.integers(1, 8, ROWS), "town": random.choice(["Ash", "Birch", "Cedar"], ROWS, p=[0.6, 0.3, 0.1]),
        "empty": [math.nan] * ROWS,
    })  # fmt: skip
    table.loc[table.index % 10 == 0, "area"] = None
    return table


@pytest.fixture(scope="module")
def sales(spark: SparkSession, frame: pd.DataFrame) -> DataFrame:
    records = [
        tuple(None if pd.isna(value) else value for value in row) for row in frame.itertuples(index=False, name=None)
    ]
    return spark.createDataFrame(records, "price double, area double, rooms int, town string, empty double")


def test_figures_are_those_of_pandas(sales: DataFrame, frame: pd.DataFrame) -> None:
    profile = measure_table(sales, COMMENTS)
    price, area, rooms, town, empty = profile.columns
    assert profile.rows == ROWS
    assert [column.missing for column in profile.columns] == [0, 40, 0, 0, ROWS]
    assert area.mean == pytest.approx(frame["area"].mean())
    assert area.deviation == pytest.approx(frame["area"].std())
    assert (price.low, price.high) == (frame["price"].min(), frame["price"].max())
    assert rooms.quantiles[0.5] == frame["rooms"].quantile(0.5, interpolation="lower")
    assert abs(town.distinct - 3) <= 1
    assert town.top == tuple(frame["town"].value_counts().items())
    assert (empty.mean, empty.bars, empty.top) == (None, (), ())


def test_bars_hold_every_row(sales: DataFrame, frame: pd.DataFrame) -> None:
    price = measure_table(sales, COMMENTS).columns[0]
    assert len(price.bars) == BARS
    assert sum(bar.rows for bar in price.bars) == ROWS
    inner = price.bars[7]
    assert inner.rows == ((frame["price"] >= inner.low) & (frame["price"] < inner.high)).sum()


def test_correlations_are_pearsons_with_gaps_as_means(sales: DataFrame, frame: pd.DataFrame) -> None:
    pairs = {(pair.first, pair.second): pair.correlation for pair in measure_table(sales, COMMENTS).pairs}
    numbers = frame[["price", "area", "rooms"]].fillna(frame[["price", "area", "rooms"]].mean()).corr()
    assert set(pairs) == {("price", "area"), ("price", "rooms"), ("area", "rooms")}
    for (first, second), found in pairs.items():
        assert found == pytest.approx(numbers.loc[first, second])


def test_the_number_of_passes_does_not_grow_with_the_columns(spark: SparkSession, sales: DataFrame) -> None:
    context, tracker = spark.sparkContext, spark.sparkContext._jsc.sc().statusTracker()

    def jobs(columns: dict[str, str]) -> int:
        tag = f"profile-{len(columns)}"
        context.addJobTag(tag)
        measure_table(sales, columns)
        context.removeJobTag(tag)
        return len(list(tracker.getJobIdsForTag(tag)))

    assert jobs(COMMENTS) <= jobs({name: COMMENTS[name] for name in ("price", "area", "town")}) + 1


def test_the_score_is_the_mean_of_its_parts(sales: DataFrame) -> None:
    profile = measure_table(sales, COMMENTS)
    arrival = Arrival(500, ROWS, 60, 15, ())
    score = score_quality(profile, arrival, (9, 12))
    assert score.parts == pytest.approx({"complete": 1 - 440 / 2000, "valid": 0.88, "unique": 0.92, "expected": 0.75})
    assert score.overall == pytest.approx((0.78 + 0.88 + 0.92 + 0.75) / 4)
    assert "expected" not in score_quality(profile, arrival, (0, 0)).parts


def survey(sales: DataFrame) -> Survey:
    profile = measure_table(sales, COMMENTS)
    arrival = Arrival(500, ROWS, 60, 15, (("E-ING-101", "price", 41),))
    return Survey(
        "town", "Sales.", "now", profile, arrival, score_quality(profile, arrival, (9, 12)), ("price", "town")
    )


def test_the_page_answers_first_and_escapes(sales: DataFrame, tmp_path: Path) -> None:
    made = profile_page(survey(sales))
    assert [answer.figure for answer in made.answers][1:] == ["empty: 100.0\N{NO-BREAK SPACE}%", "100 rows"]
    assert "E-ING-101 on price (41)" in made.answers[2].words
    text = write_page(made, tmp_path / "made").read_text()
    assert "town &lt;&amp;&gt;" in text
    assert "town <&>" not in text


def test_a_folder_that_holds_other_things_is_left_alone(sales: DataFrame, tmp_path: Path) -> None:
    made = write_page(profile_page(survey(sales)), tmp_path / "made").parent
    kept = tmp_path / "mine"
    kept.mkdir()
    (kept / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigurationError, match=r"E-CLI-005 .*mine: holds other files; give a folder of its own"):
        put_in_place(made, kept)
    assert [path.name for path in kept.iterdir()] == ["thesis.txt"]
    assert put_in_place(made, put_in_place(made, tmp_path / "new")).is_dir()


@needs_browser
def test_a_browser_shows_every_picture(sales: DataFrame, tmp_path: Path) -> None:
    page = write_page(profile_page(survey(sales)), tmp_path / "made")
    seen = look_at(page, 390, 800)
    assert set(seen.pictures) == {"score", "gaps", "column_price", "column_town", "correlations"}
    assert (seen.hidden, seen.blocked) == ([], [])
    assert seen.width <= 390
