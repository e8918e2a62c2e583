"""What a search minimizes: the error of validation prices, without the few largest, which are mostly odd sales."""

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.metrics import rmse_expr
from housing_spark.training.prepare import LABEL

_PRICE = "prediction"


def trimmed_rmse(errors: NDArray[np.float64], trimmed_share: float) -> float:
    """RMSE of the errors that are no larger than all but a share of them.

    A trimmed mean (Tukey 1962, Annals of Mathematical Statistics 33) of the squares: with few validation rows the
    largest of them would decide alone which of two models is the better one.

    Args:
        errors: In the label's currency, shape (rows,).
        trimmed_share: Of the errors, the largest; 0: none.
    """
    squares = errors**2
    return float(np.sqrt(np.mean(squares[squares <= np.quantile(squares, 1 - trimmed_share)])))


def trimmed_rmse_of(priced: DataFrame, trimmed_share: float) -> float:
    """The same of rows with ``label`` and ``prediction``, wherever they are."""
    squares = (F.col(_PRICE) - F.col(LABEL)) ** 2
    if trimmed_share:
        [[bound]] = priced.agg(F.percentile(squares, 1 - trimmed_share)).collect()
        priced = priced.where(squares <= bound)
    return float(priced.agg(rmse_expr(F.col(LABEL), F.col(_PRICE))).collect()[0][0])
