"""Paired comparisons: gains against NumPy, intervals that hold what they say, whole groups resampled."""

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.evaluation import Comparison, compare

RESAMPLES = {"resamples": 200, "confidence": 0.9}


def drawn(seed: int, gain: float, rows: int = 400) -> Comparison:
    """Two models whose absolute errors go together; the candidate's are this much smaller in truth."""
    draw = np.random.default_rng(seed)
    other = draw.gamma(2, 1, rows)
    own = other * draw.lognormal(-0.02, 0.2, rows) * (1 - gain)  # the mean of these factors is 1
    return Comparison({"rmse": {"candidate": own**2, "other": other**2}, "mae": {"candidate": own, "other": other}})


def test_gains_of_both_measures_agree_with_numpy_whatever_the_buckets(spark: SparkSession) -> None:
    draw = np.random.default_rng(3)
    label = draw.lognormal(12, 0.4, 500)
    own, other = label * draw.normal(1, 0.1, 500), label * draw.normal(1, 0.2, 500)
    names = ["group_key", "label", "own", "other"]
    prices = enumerate(zip(label, own, other, strict=True))
    rows = spark.createDataFrame([(str(i // 5), *map(float, each)) for i, each in prices], names)
    found = compare(rows, {"candidate": F.col("own"), "other": F.col("other"), "same": F.col("own")})
    assert found.buckets <= 100  # rows of a group share a bucket
    squares = (np.square(own - label).mean(), np.square(other - label).mean())
    assert found.gain("other", "rmse") == pytest.approx(1 - np.sqrt(squares[0] / squares[1]))
    assert found.gain("other", "mae") == pytest.approx(1 - np.abs(own - label).mean() / np.abs(other - label).mean())
    assert 0.3 < found.least_gain("other", "mae", **RESAMPLES) < found.gain("other", "mae")
    assert found.least_gain("same", "rmse", **RESAMPLES) == found.gain("same", "mae") == 0


@pytest.mark.parametrize("gain", [0.0, 0.05])
def test_the_lower_end_is_above_the_true_gain_as_often_as_it_says(gain: float) -> None:
    above = np.mean([drawn(seed, gain).least_gain("other", "mae", **RESAMPLES) > gain for seed in range(300)])
    assert 0.02 < above < 0.09  # one side of a two-sided 90 % interval: 0.05


def test_rows_of_a_group_count_as_one_when_their_errors_go_together() -> None:
    few = drawn(1, 0.03)
    copies = {name: {who: np.repeat(sums, 10) for who, sums in sides.items()} for name, sides in few.errors.items()}
    alone = Comparison(copies)
    together = few.least_gain("other", "mae", **RESAMPLES)
    assert few.gain("other", "mae") == pytest.approx(alone.gain("other", "mae"))
    assert together < alone.least_gain("other", "mae", **RESAMPLES)
