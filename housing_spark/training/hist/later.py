"""What time adds to the error of a price: sales later than any that a fit has seen are harder to price.

Small fits on the older training sales price the newest quarter of them, and so do fits on a random half of all; both
see equally many sales. What the first err more is due to time. Calibration rows are of the same days as training rows
and cannot tell (conformal ranges hold for exchangeable rows: Barber, Candes, Ramdas and Tibshirani, Annals of
Statistics 51, 2023).
"""

import numpy as np
from pyspark.sql import functions as F

from housing_spark.training.hist.bins import Values
from housing_spark.training.hist.difficulty import priced_by
from housing_spark.training.hist.matrix import Coded, Coder, read_dated
from housing_spark.training.prepare import TIME, Fold

_MOST_ROWS, _FEWEST_NEW = 50_000, 100
# About the share of test rows among all that are not newer: so far ahead are they priced.
_NEWEST = 0.25
_THIRDS, _HALVES = 3, 2
_LEVEL = 0.9


def error_of_later_sales(fold: Fold, coder: Coder, *, is_log: bool, seed: int) -> float:
    """What time adds to the squared relative error that nine in ten sales stay below; 0 where sales have no time.

    Args:
        fold: Its training rows are learned from, at most 50,000 of them.
        coder: Knows the bins.
        is_log: Whether the winner fits the logarithm of the price.
        seed: Of the choice of features.
    """
    if TIME not in fold.training.columns:
        return 0.0
    dated = fold.training.where(F.col(TIME).isNotNull())
    if (count := dated.count()) < _FEWEST_NEW / _NEWEST:
        return 0.0  # a handful of sales cannot tell
    bins, _ = coder.read(fold)
    labels, weights, values, seconds = read_dated(dated, count, coder.vector, _MOST_ROWS)
    return _added(Coded(bins.codes(values), labels, weights, is_whole=False), seconds, is_log=is_log, seed=seed)


def _added(rows: Coded, seconds: Values, *, is_log: bool, seed: int) -> float:
    is_new = seconds > np.quantile(seconds, 1 - _NEWEST)
    if is_new.sum() < _FEWEST_NEW:
        return 0.0  # many were sold on the day that parts them
    # In order of a hash every third row is a random third: two thirds of three quarters are a half.
    place = np.arange(len(seconds))
    later = priced_by(rows, ~is_new & (place % _THIRDS > 0), is_new, is_log=is_log, seed=seed)
    at_once = np.empty(len(seconds))
    for held in range(_HALVES):
        half = place % _HALVES == held
        at_once[half & is_new] = priced_by(rows, ~half, half & is_new, is_log=is_log, seed=seed)
    errors = (_usual(later, rows.labels[is_new]), _usual(at_once[is_new], rows.labels[is_new]))
    return max(0.0, errors[0] ** 2 - errors[1] ** 2)


def _usual(prices: Values, labels: Values) -> float:
    """The relative error that nine in ten stay below."""
    return float(np.quantile(np.abs(labels - prices) / np.abs(prices), _LEVEL))
