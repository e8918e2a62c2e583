"""A blend: the mean of the trees of several trials, which is one ensemble of trees again."""

from collections.abc import Sequence

import numpy as np

from housing_spark.boosting import xgb
from housing_spark.training.hist.boost import Scale
from housing_spark.training.hist.matrix import Coded
from housing_spark.training.loss import trimmed_rmse


def mean_loss(ensembles: Sequence[bytes], judging: Coded, scale: Scale, trimmed_share: float) -> float:
    """The loss of the mean of what ensembles predict.

    All count the same, since weights fitted on few validation rows are mostly chance (Clemen 1989, International
    Journal of Forecasting 5).

    Args:
        ensembles: Boosters as JSON, fitted on codes and on one scale.
        judging: Validation rows.
        scale: Of the target.
        trimmed_share: Of the validation errors, the largest; the loss does not count them.
    """
    rows = xgb.DMatrix(judging.codes)
    predicted = [xgb.Booster(model_file=bytearray(one)).predict(rows).astype(np.float64) for one in ensembles]
    return trimmed_rmse(scale.prices(np.mean(predicted, axis=0)) - judging.labels, trimmed_share)
