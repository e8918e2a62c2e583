"""The loss of a search: the same in Spark and in NumPy, and not decided by a few odd sales."""

import numpy as np
import pytest
from pyspark.sql import SparkSession

from housing_spark.training.loss import trimmed_rmse, trimmed_rmse_of


@pytest.mark.parametrize("share", [0.0, 0.03, 0.25])
def test_spark_and_numpy_leave_out_the_same_errors(spark: SparkSession, share: float) -> None:
    errors = np.random.default_rng(5).normal(size=997) ** 3
    rows = spark.createDataFrame(
        [(100.0, 100.0 + error) for error in errors.tolist()], "label double, prediction double"
    )
    kept = np.sort(np.abs(errors))[: int(np.floor((1 - share) * (len(errors) - 1))) + 1]
    assert trimmed_rmse(errors, share) == pytest.approx(np.sqrt(np.mean(kept**2)), rel=1e-12)
    assert trimmed_rmse_of(rows.repartition(3), share) == pytest.approx(trimmed_rmse(errors, share), rel=1e-9)


def test_one_odd_sale_does_not_decide() -> None:
    steady, odd = np.full(100, 2.0), np.full(100, 1.0)
    odd[7] = 50.0
    assert trimmed_rmse(steady, 0.0) < trimmed_rmse(odd, 0.0)
    assert trimmed_rmse(steady, 0.03) > trimmed_rmse(odd, 0.03)
    assert trimmed_rmse(np.array([3.0]), 0.4) == 3.0
