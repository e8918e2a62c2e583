"""A boosted model of a given size, fitted natively and kept as Spark's."""

import numpy as np
from pyspark.ml.regression import GBTRegressionModel, GBTRegressor
from pyspark.sql import DataFrame, SparkSession
from rows import VECTOR, values_of

from housing_spark.training.hist.bins import Bins, learn_bins
from housing_spark.training.hist.boost import Scale, boost, training_matrix
from housing_spark.training.hist.trees import spark_model

_ROWS = 100_000


def fitted(rows: DataFrame, *, trees: int, depth: int) -> GBTRegressionModel:
    """A model that adds ``price``."""
    return converted(rows.sparkSession, *grown(rows, trees, depth), depth)


def grown(rows: DataFrame, trees: int, depth: int) -> tuple[bytes, Bins, Scale]:
    """The trees as XGBoost writes them, fitted on 100,000 rows and noisy prices that ask for deep trees."""
    values = values_of(rows.limit(_ROWS))
    draw = np.random.default_rng(1)
    prices = 3_000 * values[:, 0] * np.exp(0.1 * values[:, 5] / 100 + 0.3 * draw.normal(size=len(values)))
    bins, ones = learn_bins(values, prices, {}), np.ones(len(values))
    scale = Scale.of(prices, ones, is_log=False)
    training = training_matrix(bins.codes(values), scale.standardize(prices), scale.weigh(ones))
    parameters = {"step_size": 0.05, "max_depth": depth, "min_instances_per_node": 5, "l2": 1.0, "column_share": 1.0}
    booster = boost(training, parameters, {"seed": 1, "nthread": 2}, num_boost_round=trees)
    return bytes(booster.save_raw("json")), bins, scale


def converted(spark: SparkSession, raw: bytes, bins: Bins, scale: Scale, depth: int) -> GBTRegressionModel:
    """The trees as Spark's model."""
    like = GBTRegressor(featuresCol=VECTOR, predictionCol="price", maxDepth=depth)
    return spark_model(spark, [(raw, 1.0)], bins, scale, like)
