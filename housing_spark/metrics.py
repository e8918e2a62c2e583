"""Figures of a price model as Spark aggregates, over all rows in one pass."""

from pyspark.sql import Column
from pyspark.sql import functions as F

_ACCURACY = 10_000


def rmse_expr(actual: Column, predicted: Column) -> Column:
    """Root mean squared error, in the label's currency."""
    return F.sqrt(F.avg((predicted - actual) * (predicted - actual)))


def price_metrics(actual: str, predicted: str) -> dict[str, Column]:
    """The usual figures of price models, by name.

    ``mape``, ``median_ape`` and the ``within_*`` shares are relative to the actual price (International Association
    of Assessing Officers, Standard on Automated Valuation Models, 2018, for the last two). ``median_ratio`` is the
    level of the prices, the median of predicted over actual (the same, Standard on Ratio Studies, 2013).
    """
    error = F.col(predicted) - F.col(actual)
    relative = F.abs(error) / F.nullif(F.abs(F.col(actual)), F.lit(0.0))
    return {
        "rmse": rmse_expr(F.col(actual), F.col(predicted)),
        "mae": F.avg(F.abs(error)),
        "mape": F.avg(relative),
        "median_ape": F.percentile_approx(relative, 0.5, _ACCURACY),
        "within_10_percent": F.avg((relative <= 0.10).cast("double")),
        "within_20_percent": F.avg((relative <= 0.20).cast("double")),
        "median_ratio": F.percentile_approx(F.col(predicted) / F.nullif(F.col(actual), F.lit(0.0)), 0.5, _ACCURACY),
        "r2": 1 - F.sum(error * error) / F.nullif(F.var_pop(actual) * F.count(actual), F.lit(0.0)),
    }


def range_metrics(actual: str, lower: Column, upper: Column, suffix: str = "") -> dict[str, Column]:
    """Coverage of a range, and its mean width relative to its middle; ``suffix`` tells it from other ranges."""
    middle = (lower + upper) / 2
    is_inside = (F.col(actual) >= lower) & (F.col(actual) <= upper)
    return {
        f"coverage{suffix}": F.avg(is_inside.cast("double")),
        f"relative_width{suffix}": F.avg((upper - lower) / F.nullif(middle, F.lit(0.0))),
    }


def confidence_metrics(actual: str, predicted: str, confidence: str) -> dict[str, Column]:
    """The mean probability that was given of a price within 10 % of the prediction, and the share that was there."""
    is_within = F.abs(F.col(actual) - F.col(predicted)) <= 0.10 * F.abs(F.col(predicted))
    return {
        "confidence": F.avg(F.col(confidence) / 100),
        "confidence_met": F.avg(is_within.cast("double")),
    }
