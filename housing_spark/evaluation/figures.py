"""Figures of a model on every split, segment, tenth of the prices and quarter of the time, over all rows."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.evaluation.baselines import NAMES
from housing_spark.metrics import (
    confidence_metrics,
    median_ratio_expr,
    price_metrics,
    range_metrics,
    rmse_expr,
    uniformity_metrics,
)

ALL, PRICE_DECILE, TIME_QUARTER = "all", "price_decile", "time_quarter"
_QUARTERS = [0.25, 0.5, 0.75]
_TENTHS = [at / 10 for at in range(1, 10)]
_KEY = ("split", "segment_column", "segment")


def metric_rows(judged: DataFrame, segments: Sequence[str], min_rows: int, levels: Sequence[float] = ()) -> DataFrame:
    """One row per split, segment and figure: ``split, segment_column, segment, metric, value, rows``.

    Tenths of the prices are segments of the column ``price_decile``, quarters of the rows by ``event_time``, where they
    have one, of ``time_quarter``.

    Args:
        judged: Labelled rows with ``split``, ``prediction``, its range, and the baselines' prices.
        segments: Columns whose values are reported on their own.
        min_rows: Segments with fewer rows are left out.
        levels: Of the column ``ranges``; where there are any, rows have ``confidence`` and ``is_extrapolation`` too.
    """
    placed, ours = _with_places(judged.where(F.col("split").isNotNull()))
    sliced = _sliced(placed, (*segments, *ours))
    levels_of = sliced.groupBy(*_KEY).agg(median_ratio_expr("label", "prediction").alias("_level"))
    figures = {
        **price_metrics("label", "prediction"),
        **uniformity_metrics("label", "prediction", F.col("_level")),
        **range_metrics("label", F.col("prediction_lower"), F.col("prediction_upper")),
        **(_trust_metrics(levels) if levels else {}),
        **{f"rmse_{name}": rmse_expr(F.col("label"), F.col(name)) for name in NAMES},
    }
    grouped = sliced.join(F.broadcast(levels_of), on=list(_KEY), how="inner").groupBy(*_KEY)  # a row per group
    table = grouped.agg(F.count(F.lit(1)).alias("rows"), *(figure.alias(name) for name, figure in figures.items()))
    reported = table.where((F.col("segment_column") == ALL) | (F.col("rows") >= min_rows))
    return reported.unpivot([*_KEY, "rows"], list(figures), "metric", "value")


def _with_places(rows: DataFrame) -> tuple[DataFrame, tuple[str, ...]]:
    """Rows with their place by price, 01 to 10, and by time, 1 to 4, within their split; and the names of the columns.

    By the mean of predicted and true price: by the true price alone, a tenth of homes that sold high by chance would
    look priced too low (International Association of Assessing Officers, Standard on Ratio Studies, 2013).
    """
    orders = {PRICE_DECILE: ((F.col("label") + F.col("prediction")) / 2, _TENTHS)}
    if "event_time" in rows.columns:
        orders[TIME_QUARTER] = (F.unix_seconds(F.col("event_time").cast("timestamp")), _QUARTERS)
    bounds = rows.groupBy("split").agg(
        *(F.percentile_approx(value, shares).alias(f"_{name}") for name, (value, shares) in orders.items())
    )
    places = {name: _place_expr(value, f"_{name}", len(shares)) for name, (value, shares) in orders.items()}
    return rows.join(F.broadcast(bounds), on="split", how="inner").withColumns(places), tuple(orders)  # a row per split


def _place_expr(value: Column, bounds: str, count: int) -> Column:
    """1 for what is not above the first bound, in as many digits as the last place has."""
    at = F.size(F.filter(bounds, lambda bound: bound < value)) + 1
    return F.when(value.isNotNull(), F.lpad(at.cast("string"), len(str(count + 1)), "0"))


def _sliced(rows: DataFrame, segments: Sequence[str]) -> DataFrame:
    """Every row once for all rows, and once for each of its segments."""
    whole = F.struct(F.lit(ALL).alias("column"), F.lit(ALL).alias("value"))
    parts = [
        F.struct(F.lit(name).alias("column"), F.coalesce(F.col(name).cast("string"), F.lit("(missing)")).alias("value"))
        for name in segments
    ]
    sliced = rows.withColumn("_slice", F.explode(F.array(whole, *parts)))
    return sliced.withColumns({"segment_column": F.col("_slice.column"), "segment": F.col("_slice.value")})


def _trust_metrics(levels: Sequence[float]) -> dict[str, Column]:
    """How ranges of every level, confidence and extrapolation did; of 80 %: ``coverage_80`` and so on."""
    figures = {"extrapolations": F.avg(F.col("is_extrapolation").cast("double"))}
    figures |= confidence_metrics("label", "prediction", "confidence")
    for place, level in enumerate(levels):
        one = F.col("ranges")[place]
        figures |= range_metrics("label", one["lower"], one["upper"], f"_{level_name(level)}")
    return figures


def level_name(level: float) -> str:
    """A level as figures are named after it: 80 for 0.8, 97_5 for 0.975."""
    return f"{100 * level:g}".replace(".", "_")
