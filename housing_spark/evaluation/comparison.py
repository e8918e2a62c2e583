"""Paired comparison of models on the same rows, by bootstrap over buckets of rows.

Whole groups of rows are hashed into at most 1,000 buckets, and buckets are resampled: rows of one group, whose errors
go together, stay together, and what comes to the driver does not grow with the rows. That chance puts several groups
into a bucket leaves the spread of sums as it is, and a thousand buckets tell it to 2 %. Bootstrap of clusters: Davison
and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

Measure = Literal["rmse", "mae"]
CANDIDATE = "candidate"
_BUCKETS = 1_000
_SEED = 7


@dataclass(frozen=True)
class Comparison:
    """Errors of the candidate and of others on the same rows, summed per bucket.

    Attributes:
        errors: Squared (``rmse``) and absolute (``mae``) errors by name of the contender, shape (buckets,).
    """

    errors: Mapping[Measure, Mapping[str, NDArray[np.float64]]]

    @property
    def buckets(self) -> int:
        """Buckets with rows: what the resamples are drawn from."""
        return len(self.errors["mae"][CANDIDATE])

    def gain(self, other: str, measure: Measure) -> float:
        """``1 - error(candidate) / error(other)`` on all rows."""
        sums = self.errors[measure]
        return float(_gain(sums[CANDIDATE].sum(), sums[other].sum(), measure))

    def least_gain(self, other: str, measure: Measure, *, resamples: int, confidence: float) -> float:
        """Lower end of the two-sided interval of ``gain`` at this confidence."""
        return self.gain_interval(other, measure, resamples=resamples, confidence=confidence)[0]

    def gain_interval(self, other: str, measure: Measure, *, resamples: int, confidence: float) -> tuple[float, float]:
        """The two-sided interval of ``gain`` at this confidence."""
        sums, draws = self.errors[measure], resampled(self.buckets, resamples)
        return interval(_gain(draws @ sums[CANDIDATE], draws @ sums[other], measure), confidence)


def compare(judged: DataFrame, prices: Mapping[str, Column]) -> Comparison:
    """The errors of contenders.

    Args:
        judged: Rows with ``label`` and ``group_key``.
        prices: What each contender says, the ``candidate`` among them.
    """
    errors = {name: price - F.col("label") for name, price in prices.items()}
    squares = [F.sum(error * error).alias(f"rmse {name}") for name, error in errors.items()]
    sizes = [F.sum(F.abs(error)).alias(f"mae {name}") for name, error in errors.items()]
    summed = judged.groupBy(bucket_expr().alias("bucket")).agg(*squares, *sizes).orderBy("bucket").collect()
    measures: tuple[Measure, ...] = ("rmse", "mae")
    return Comparison(
        {one: {name: np.array([row[f"{one} {name}"] for row in summed], np.float64) for name in prices}
         for one in measures}
    )  # fmt: skip


def bucket_expr() -> Column:
    """The bucket of a row, by its group."""
    return F.pmod(F.xxhash64(F.lit("bootstrap"), "group_key"), F.lit(_BUCKETS))


def resampled(buckets: int, resamples: int, seed: int = _SEED) -> NDArray[np.int64]:
    """How often each resample draws each bucket, shape (resamples, buckets)."""
    chances = np.full(buckets, 1 / buckets)
    draws: NDArray[np.int64] = np.random.default_rng(seed).multinomial(buckets, chances, size=resamples)
    return draws


def interval(figures: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """What all but a share of the figures lie between, half of that share on each side."""
    low, high = np.quantile(figures, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _gain(own: NDArray[np.float64], other: NDArray[np.float64], measure: Measure) -> NDArray[np.float64]:
    ratio = own / other
    return 1 - (np.sqrt(ratio) if measure == "rmse" else ratio)
