"""A blend: a weighted mean of the trees of several trials, which is one ensemble of trees again."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls  # type: ignore[import-untyped]  # SciPy has no types

from housing_spark.boosting import xgb
from housing_spark.training.hist.bins import Values
from housing_spark.training.hist.boost import Scale
from housing_spark.training.hist.matrix import Coded


def stacked(ensembles: Sequence[bytes], judging: Coded, scale: Scale) -> tuple[tuple[float, ...], float]:
    """The weights with which ensembles predict best together, and their RMSE in the label's currency.

    Weights are not negative and add up to 1: stacked regressions (Breiman 1996, Machine Learning 24). Where the first
    ensemble alone is no worse, it has the weight 1.

    Args:
        ensembles: Boosters as JSON, fitted on codes and on one scale; the best first.
        judging: Validation rows.
        scale: Of the target.
    """
    rows = xgb.DMatrix(judging.codes)
    boosters = (xgb.Booster(model_file=bytearray(one)) for one in ensembles)
    predicted = np.column_stack([booster.predict(rows).astype(np.float64) for booster in boosters])

    def loss(weights: Values) -> float:
        return float(np.sqrt(np.mean((scale.prices(predicted @ weights) - judging.labels) ** 2)))

    found, _ = nnls(predicted, scale.standardize(judging.labels).astype(np.float64))
    alone = np.eye(len(ensembles))[0]
    together = found / found.sum() if found.any() else alone
    weights = together if loss(together) < loss(alone) else alone
    return tuple(weights.tolist()), loss(weights)
