"""A range around each price by split-conformal prediction, with constant relative width.

The half width is an order statistic of the relative errors on calibration rows, which no model was fitted on
(Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, chapter 4).
"""

from dataclasses import dataclass
from math import ceil

from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.errors import InputRefusedError
from housing_spark.session import cached


@dataclass(frozen=True)
class Interval:
    """A calibrated range."""

    level: float
    half_width: float
    rows: int

    def stage(self) -> SQLTransformer:
        """The stage that adds ``prediction_lower`` and ``prediction_upper``."""
        reach = f"ABS(prediction) * {self.half_width!r}D"
        return SQLTransformer(
            statement=f"SELECT *, prediction - {reach} AS prediction_lower, "  # noqa: S608  # a number of ours
            f"prediction + {reach} AS prediction_upper FROM __THIS__"
        )


def calibrate(scored: DataFrame, level: float) -> Interval:
    """The range that covers ``level`` of new prices.

    Args:
        scored: Calibration rows with ``label`` and ``prediction``.
        level: Share of prices to cover.

    Raises:
        InputRefusedError: Too few calibration rows for the level.
    """
    error = F.abs(F.col("label") - F.col("prediction")) / F.nullif(F.abs(F.col("prediction")), F.lit(0.0))
    with cached(scored.select(error.alias("error")).where(F.col("error").isNotNull())) as errors:
        rows = errors.count()
        place = ceil((rows + 1) * level)
        if place > rows:
            raise InputRefusedError(
                "E-TRAIN-005",
                f"{rows} calibration rows cannot give a {level:.0%} range; add sales or lower "
                "evaluation.interval_level",
            )
        # The exact percentile at (place - 1) / (rows - 1) is the order statistic itself.
        width = errors.agg(F.percentile("error", F.lit((place - 1) / max(rows - 1, 1)))).collect()[0][0]
    return Interval(level, float(width), rows)
