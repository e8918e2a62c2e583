"""What time adds to errors: nothing where sales of all years are alike, much where prices move."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.evaluation import calibrate
from housing_spark.settings.evaluation import Evaluation
from housing_spark.training.hist import Coder
from housing_spark.training.hist.later import error_of_later_sales
from housing_spark.training.prepare import Fold

ROWS, NOISE = 4_000, 0.1


def fold(spark: SparkSession, growth: float, *, parts: int = 2) -> Fold:
    """Sales of four years whose prices grow; the vector knows the area alone."""
    draw = np.random.default_rng(3)
    area, year = draw.uniform(20, 100, ROWS), draw.uniform(0, 4, ROWS)
    label = 2_000 * area * np.exp(growth * year + NOISE * draw.normal(size=ROWS))
    start = datetime(2020, 1, 1, tzinfo=UTC)
    times = [start + timedelta(days=365.25 * float(one)) for one in year]
    keys = [f"{place:05d}" for place in range(ROWS)]
    table = pa.table({"row_key": keys, "label": label, "weight": np.ones(ROWS), "area": area, "event_time": times})
    rows = VectorAssembler(inputCols=["area"], outputCol="vector").transform(
        spark.createDataFrame(table).repartition(parts)
    )
    return Fold(PipelineModel([]), rows.cache(), rows.limit(50))


def added(one: Fold) -> float:
    return error_of_later_sales(one, Coder("vector", 1 << 30), is_log=True, seed=7)


def test_time_adds_what_prices_moved_and_nothing_where_they_did_not(spark: SparkSession) -> None:
    """At 8 % a year the newest quarter lies two years ahead of the mean of the older: 16 % beside 10 % of noise."""
    still, moving = (added(fold(spark, growth)) for growth in (0.0, 0.08))
    usual = 1.645 * NOISE
    assert still < 0.15 * usual**2
    assert 0.5 * usual**2 < moving < 4 * usual**2
    assert moving == added(fold(spark, 0.08, parts=5))


def test_sales_without_a_time_or_too_few_have_none(spark: SparkSession) -> None:
    one = fold(spark, 0.08)
    assert added(Fold(one.stages, one.training.drop("event_time"), one.validation)) == 0
    timeless = one.training.withColumn("event_time", F.lit(None).cast("timestamp"))
    assert added(Fold(one.stages, timeless, one.validation)) == 0
    assert added(Fold(one.stages, one.training.where("row_key < '00200'"), one.validation)) == 0


def test_ranges_are_widened_by_what_time_adds(spark: SparkSession) -> None:
    draw = np.random.default_rng(4)
    prediction = draw.lognormal(12, 0.3, 1_000)
    label = prediction * (1 + NOISE * draw.normal(size=1_000))
    keys = [f"{place:05d}" for place in range(1_000)]
    log_difficulty = np.log(NOISE * prediction)
    table = pa.table({"row_key": keys, "prediction": prediction, "label": label, "log_difficulty": log_difficulty})
    rows = spark.createDataFrame(table)
    plain, wide = (calibrate(rows, None, Evaluation(), later) for later in (0.0, 3 * (1.645 * NOISE) ** 2))
    assert plain.widened == 1
    assert wide.widened == pytest.approx(2, rel=0.05)
    assert wide.overall.levels == pytest.approx([wide.widened * one for one in plain.overall.levels])
    assert wide.overall.deviation == pytest.approx(wide.widened * plain.overall.deviation)
