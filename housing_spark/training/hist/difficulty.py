"""How hard a home is to price: trees of out-of-fold errors, by which a range is wide or narrow.

Two fits, each on half of the training rows, price the other half: errors on rows that a fit has seen are too small. The
trees of difficulty are fitted on the logarithms of those errors (normalised conformal prediction: Papadopoulos,
Gammerman and Vovk, Artificial Intelligence and Applications, 2008; Lei et al., JASA 113, 2018, section 5.2).

The parameters are fixed: which homes are hard hardly depends on how prices are fitted, so that any winner has such
trees. See ``docs/decisions/0010-ranges-by-difficulty.md``.
"""

import os
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pyspark.ml.regression import GBTRegressionModel, GBTRegressor

from housing_spark.boosting import xgb
from housing_spark.training.hist.bins import MAX_BINS, Values
from housing_spark.training.hist.boost import Scale, boost, training_matrix
from housing_spark.training.hist.matrix import Coded, Coder
from housing_spark.training.hist.trees import spark_model
from housing_spark.training.prepare import Fold
from housing_spark.training.trials import Parameters

Chosen = NDArray[np.bool_]
LOG_DIFFICULTY = "log_difficulty"
# Enough for trees this small; the first in order of a hash are a sample.
_MOST_ROWS = 100_000
_HALVES = 2
# Of the mean error: what lies far below it says more about luck than about a home.
_FLOOR = 0.1
_PRICE: Parameters = {
    "step_size": 0.1, "max_depth": 5, "min_instances_per_node": 10, "l2": 1.0, "column_share": 0.7, "max_trees": 60,
}  # fmt: skip
_DIFFICULTY: Parameters = _PRICE | {"max_depth": 4, "min_instances_per_node": 30, "max_trees": 80}


def fit_difficulty(fold: Fold, coder: Coder, *, is_log: bool, seed: int) -> GBTRegressionModel:
    """The model that adds ``log_difficulty``: the logarithm of the error to expect, in the label's currency.

    Args:
        fold: Its training rows are learned from, at most 100,000 of them.
        coder: Reads them; knows the feature vector.
        is_log: Whether the winner fits the logarithm of the price.
        seed: Of the choice of features.
    """
    bins, coded = coder.read(fold)
    rows = coded.training.first(_MOST_ROWS)
    errors = out_of_fold_errors(rows, is_log=is_log, seed=seed)
    target = replace(rows, labels=np.log(errors + _FLOOR * (float(errors.mean()) or 1.0)))
    booster, scale = _fitted(target, _DIFFICULTY, is_log=False, seed=seed)
    regressor = GBTRegressor(
        featuresCol=coder.vector, labelCol="log_error", predictionCol=LOG_DIFFICULTY,
        maxDepth=_DIFFICULTY["max_depth"], stepSize=_DIFFICULTY["step_size"], maxBins=MAX_BINS, seed=seed,
        minInstancesPerNode=_DIFFICULTY["min_instances_per_node"],
    )  # fmt: skip
    ensembles = [(bytes(booster.save_raw("json")), 1.0)]
    return spark_model(fold.training.sparkSession, ensembles, bins, scale, regressor)


def out_of_fold_errors(rows: Coded, *, is_log: bool, seed: int) -> Values:
    """Absolute errors of prices by trees that were fitted on the other half of the rows, shape (rows,)."""
    # In order of a hash every other row is a random half, whatever the layout.
    half = np.arange(len(rows.labels)) % _HALVES
    errors = np.empty(len(rows.labels))
    for held in range(_HALVES):
        judged = half == held
        errors[judged] = np.abs(priced_by(rows, ~judged, judged, is_log=is_log, seed=seed) - rows.labels[judged])
    return errors


def priced_by(rows: Coded, seen: Chosen, judged: Chosen, *, is_log: bool, seed: int) -> Values:
    """Prices of the rows that are judged by a small fit on those that are seen; both are masks, shape (rows,)."""
    part = replace(rows, codes=rows.codes[seen], labels=rows.labels[seen], weights=rows.weights[seen])
    booster, scale = _fitted(part, _PRICE, is_log=is_log, seed=seed)
    return scale.prices(booster.inplace_predict(rows.codes[judged]))


def _fitted(rows: Coded, parameters: Parameters, *, is_log: bool, seed: int) -> tuple[xgb.Booster, Scale]:
    scale = Scale.of(rows.labels, rows.weights, is_log=is_log)
    matrix = training_matrix(rows.codes, scale.standardize(rows.labels), scale.weigh(rows.weights))
    options = {"seed": seed, "nthread": os.cpu_count()}
    return boost(matrix, parameters, options, num_boost_round=parameters["max_trees"]), scale
