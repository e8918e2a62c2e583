"""Figures of a price model as Spark aggregates, over all rows in one pass."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def rmse_expr(actual: Column, predicted: Column) -> Column:
    """Root mean squared error, in the label's currency."""
    return F.sqrt(F.avg((predicted - actual) * (predicted - actual)))


def price_metrics(actual: str, predicted: str) -> dict[str, Column]:
    """The usual figures of price models, by name.

    ``mape``, ``median_ape`` and the ``within_*`` shares are relative to the actual price (International Association
    of Assessing Officers, Standard on Automated Valuation Models, 2018, for the last two). Of a ratio study (the same,
    Standard on Ratio Studies, 2013), a ratio being predicted over actual: ``median_ratio``, the level of the prices;
    ``prd``, the mean ratio over the ratio of the sums: above 1 where dear homes are priced too low against cheap ones.
    ``mean_log_ratio`` and ``sd_log_ratio`` tell the lean of one group of homes from chance.
    """
    error, ratio = F.col(predicted) - F.col(actual), ratio_expr(actual, predicted)
    relative = F.abs(error) / F.nullif(F.abs(F.col(actual)), F.lit(0.0))
    return {
        "rmse": rmse_expr(F.col(actual), F.col(predicted)),
        "mae": F.avg(F.abs(error)),
        "mape": F.avg(relative),
        "median_ape": F.percentile_approx(relative, 0.5),
        "within_10_percent": F.avg((relative <= 0.10).cast("double")),
        "within_20_percent": F.avg((relative <= 0.20).cast("double")),
        "median_ratio": median_ratio_expr(actual, predicted),
        "prd": F.avg(ratio) / F.nullif(F.sum(predicted) / F.nullif(F.sum(actual), F.lit(0.0)), F.lit(0.0)),
        "mean_log_ratio": F.avg(F.ln(ratio)),
        "sd_log_ratio": F.stddev_samp(F.ln(ratio)),
        "r2": 1 - F.sum(error * error) / F.nullif(F.var_pop(actual) * F.count(actual), F.lit(0.0)),
    }


def ratio_expr(actual: str, predicted: str) -> Column:
    """Predicted over actual price; null where the actual is nought."""
    return F.col(predicted) / F.nullif(F.col(actual), F.lit(0.0))


def median_ratio_expr(actual: str, predicted: str) -> Column:
    """The level of the prices: the median of predicted over actual."""
    return F.percentile_approx(ratio_expr(actual, predicted), 0.5)


def uniformity_metrics(actual: str, predicted: str, level: Column) -> dict[str, Column]:
    """How alike homes are priced (International Association of Assessing Officers, Standard on Ratio Studies, 2013).

    ``cod``, coefficient of dispersion: mean distance of the ratios from their median, in per cent of it. ``prb``,
    coefficient of price-related bias: what the ratio gains, as a share of its median, when the value doubles.

    Args:
        actual: The price paid.
        predicted: The price predicted.
        level: The median ratio of the group of rows, the same in each.
    """
    level = F.nullif(level, F.lit(0.0))
    departure = ratio_expr(actual, predicted) / level - 1
    value = (F.col(actual) + F.col(predicted) / level) / 2
    return {"cod": 100 * F.avg(F.abs(departure)), "prb": F.regr_slope(departure, F.log2(value))}


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
