"""The errors of one fit on its test rows, summed so that figures, their intervals and comparisons follow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.evaluation.comparison import CANDIDATE, Comparison, bucket_expr, interval, resampled
from housing_spark.metrics import price_metrics

Sums = NDArray[np.float64]
_SUMS = ("counts", "squares", "sizes")
_OTHER = "other"
_OTHER_SEED = 8
CONFIDENCE, RESAMPLES = 0.95, 500
MEASURES = ("rmse", "mae", "median_ape")


@dataclass(frozen=True)
class Told:
    """A figure, and the interval that resamples of the test rows give it; ``None`` where there is none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ErrorSums:
    """Errors in buckets of whole groups of rows.

    Attributes:
        buckets: Which buckets have rows, ascending.
        counts: Rows of each bucket, shape (buckets,).
        squares: Sum of squared errors of each.
        sizes: Sum of absolute errors of each.
        median_ape: Median of the absolute errors as a share of the price, over all rows.
    """

    buckets: tuple[int, ...]
    counts: Sums
    squares: Sums
    sizes: Sums
    median_ape: float

    @property
    def rows(self) -> int:
        """All rows."""
        return int(self.counts.sum())

    def gap_over(self, other: "ErrorSums") -> Told:
        """``rmse / rmse(other) - 1`` of fits on other test rows, so that each is resampled for itself."""
        own, others = (
            np.sqrt(draws @ one.squares / (draws @ one.counts))
            for one, draws in (
                (self, resampled(len(self.counts), RESAMPLES, _OTHER_SEED)),
                (other, resampled(len(other.counts), RESAMPLES)),
            )
        )
        value = np.sqrt(self.squares.sum() / self.rows / (other.squares.sum() / other.rows)) - 1
        return Told(float(value), *interval(own / others - 1, CONFIDENCE))

    def figures(self) -> dict[str, Told]:
        """``MEASURES`` by name; the first two with their intervals."""
        draws = resampled(len(self.counts), RESAMPLES)
        counts = draws @ self.counts
        rmse, mae = np.sqrt(draws @ self.squares / counts), draws @ self.sizes / counts
        whole = (float(np.sqrt(self.squares.sum() / self.rows)), float(self.sizes.sum() / self.rows))
        return {
            "rmse": Told(whole[0], *interval(rmse, CONFIDENCE)),
            "mae": Told(whole[1], *interval(mae, CONFIDENCE)),
            "median_ape": Told(self.median_ape),
        }

    def gain_over(self, other: "ErrorSums") -> Told:
        """``1 - rmse / rmse(other)`` of fits on the same test rows, whose errors are resampled in pairs.

        Raises:
            ValueError: Rows are not the same.
        """
        if other.buckets != self.buckets or (other.counts != self.counts).any():
            raise ValueError("fits were judged on different rows")
        pair = Comparison({"rmse": {CANDIDATE: self.squares, _OTHER: other.squares},
                           "mae": {CANDIDATE: self.sizes, _OTHER: other.sizes}})  # fmt: skip
        ends = pair.gain_interval(_OTHER, "rmse", resamples=RESAMPLES, confidence=CONFIDENCE)
        return Told(pair.gain(_OTHER, "rmse"), *ends)


def sum_errors(priced: DataFrame, bucket: Column | None = None) -> ErrorSums:
    """The errors of priced rows.

    Args:
        priced: Rows with ``group_key``, ``label`` and ``prediction``.
        bucket: What goes together, where that is more than a group: a number below 1,000.
    """
    error = F.col("prediction") - F.col("label")
    kinds = [F.count(F.lit(1)).alias("counts"), F.sum(error * error).alias("squares")]
    kinds += [F.sum(F.abs(error)).alias("sizes"), price_metrics("label", "prediction")["median_ape"].alias("middle")]
    own = bucket_expr() if bucket is None else bucket
    sums = priced.withColumn("bucket", own).rollup("bucket").agg(*kinds)
    whole, *rows = sums.orderBy(F.asc_nulls_first("bucket")).collect()  # at most 1,000 buckets, and all rows
    middle = whole["middle"]
    counts, squares, sizes = (np.array([row[name] for row in rows], np.float64) for name in _SUMS)
    buckets = tuple(row["bucket"] for row in rows)
    return ErrorSums(buckets, counts, squares, sizes, float("nan") if middle is None else middle)
