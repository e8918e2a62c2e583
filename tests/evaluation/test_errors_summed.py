"""Errors in sums: figures and gaps against NumPy, and pairs that must be of the same rows."""

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.evaluation import ErrorSums, sum_errors


def sums(seed: int, scale: float, buckets: int = 300) -> ErrorSums:
    errors = np.random.default_rng(seed).normal(0, scale, buckets)
    return ErrorSums(tuple(range(buckets)), np.ones(buckets), errors**2, np.abs(errors), 0.1)


def test_figures_are_those_of_the_rows(spark: SparkSession) -> None:
    draw = np.random.default_rng(3)
    label = draw.lognormal(12, 0.4, 801)
    price = label * draw.normal(1, 0.1, 801)
    rows = [(str(i // 4), i % 9, float(a), float(b)) for i, (a, b) in enumerate(zip(label, price, strict=True))]
    frame = spark.createDataFrame(rows, "group_key string, block int, label double, prediction double")
    found = sum_errors(frame)
    assert found.rows == 801
    assert len(found.counts) <= 201  # a group is in one bucket
    told = found.figures()
    assert told["rmse"].value == pytest.approx(np.sqrt(np.mean((price - label) ** 2)))
    assert told["mae"].value == pytest.approx(np.mean(np.abs(price - label)))
    assert told["median_ape"].value == pytest.approx(np.median(np.abs(price - label) / label), rel=1e-2)
    assert told["rmse"].low < told["rmse"].value < told["rmse"].high
    by_block = sum_errors(frame, F.col("block"))
    assert by_block.buckets == tuple(range(9))
    assert by_block.figures()["rmse"].value == pytest.approx(told["rmse"].value)


def test_a_gap_is_told_with_the_chance_of_both_sides() -> None:
    gap = sums(1, 1.2, 5_000).gap_over(sums(2, 1.0, 5_000))
    assert gap.low < 0.2 < gap.high
    assert gap.low > 0
    same = sums(1, 1.0).gap_over(sums(1, 1.0))
    assert same.value == 0
    assert same.low < -0.03 < 0.03 < same.high  # other rows, not pairs


def test_a_gain_is_of_pairs_on_the_same_rows_only() -> None:
    one, worse = sums(1, 1.0), sums(1, 1.25)
    gain = one.gain_over(worse)
    assert (gain.value, gain.low, gain.high) == pytest.approx((0.2, 0.2, 0.2))
    with pytest.raises(ValueError, match="different rows"):
        one.gain_over(sums(1, 1.0, buckets=299))
