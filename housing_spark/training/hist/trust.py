"""How far the prices of a winner are to be trusted, learned from the same coded rows."""

from typing import NamedTuple

from pyspark.ml.regression import GBTRegressionModel

from housing_spark.training.hist.difficulty import fit_difficulty
from housing_spark.training.hist.later import error_of_later_sales
from housing_spark.training.hist.matrix import Coder
from housing_spark.training.prepare import Fold


class Trust(NamedTuple):
    """What a range is made of.

    Attributes:
        difficulty: Adds ``log_difficulty`` to rows with the feature vector.
        later_error: What time adds to the squared relative error that nine in ten sales stay below.
    """

    difficulty: GBTRegressionModel
    later_error: float


def fit_trust(fold: Fold, coder: Coder, *, is_log: bool, seed: int) -> Trust:
    """Learned from the training rows of a fold; arguments as of ``fit_difficulty``."""
    difficulty = fit_difficulty(fold, coder, is_log=is_log, seed=seed)
    return Trust(difficulty, error_of_later_sales(fold, coder, is_log=is_log, seed=seed))
