"""Figures of a model on every split and segment, in one pass over all rows."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.evaluation.baselines import NAMES
from housing_spark.metrics import confidence_metrics, price_metrics, range_metrics, rmse_expr

_ALL = "all"
_KEY = ("split", "segment_column", "segment")


def metric_rows(judged: DataFrame, segments: Sequence[str], min_rows: int, levels: Sequence[float] = ()) -> DataFrame:
    """One row per split, segment and figure: ``split, segment_column, segment, metric, value, rows``.

    Args:
        judged: Labelled rows with ``split``, ``prediction``, its range, and the baselines' prices.
        segments: Columns whose values are reported on their own.
        min_rows: Segments with fewer rows are left out.
        levels: Of the column ``ranges``; where there are any, rows have ``confidence`` and ``is_extrapolation`` too.
    """
    whole = F.struct(F.lit(_ALL).alias("column"), F.lit(_ALL).alias("value"))
    parts = [
        F.struct(F.lit(name).alias("column"), F.coalesce(F.col(name).cast("string"), F.lit("(missing)")).alias("value"))
        for name in segments
    ]
    sliced = judged.withColumn("slice", F.explode(F.array(whole, *parts)))
    keys = [F.col("split"), F.col("slice.column").alias("segment_column"), F.col("slice.value").alias("segment")]
    figures = {
        **price_metrics("label", "prediction"),
        **range_metrics("label", F.col("prediction_lower"), F.col("prediction_upper")),
        **(_trust_metrics(levels) if levels else {}),
        **{f"rmse_{name}": rmse_expr(F.col("label"), F.col(name)) for name in NAMES},
    }
    grouped = sliced.where(F.col("split").isNotNull()).groupBy(*keys)
    table = grouped.agg(F.count(F.lit(1)).alias("rows"), *(figure.alias(name) for name, figure in figures.items()))
    reported = table.where((F.col("segment_column") == _ALL) | (F.col("rows") >= min_rows))
    return reported.unpivot([*_KEY, "rows"], list(figures), "metric", "value")


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
