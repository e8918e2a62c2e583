"""Paired comparison of models on the same rows, by bootstrap over buckets of rows.

Rows (whole groups) are hashed into at most 1,000 buckets, and buckets are resampled: what comes to the driver does
not grow with the rows. Bootstrap: Efron and Tibshirani, An Introduction to the Bootstrap, 1993.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

_BUCKETS = 1_000
_SEED = 7
Errors = dict[str, "np.ndarray[tuple[int], np.dtype[np.float64]]"]


def bucket_errors(judged: DataFrame, prices: Mapping[str, Column]) -> Errors:
    """Rows and summed squared errors per bucket: ``rows`` and one array per name of ``prices``.

    Args:
        judged: Rows with ``label`` and ``group_key``.
        prices: What each contender says.
    """
    bucket = F.pmod(F.xxhash64(F.lit("bootstrap"), "group_key"), F.lit(_BUCKETS)).alias("bucket")
    squares = [F.sum((price - F.col("label")) ** 2).alias(name) for name, price in prices.items()]
    summed = judged.groupBy(bucket).agg(F.count(F.lit(1)).alias("rows"), *squares).orderBy("bucket").collect()
    return {name: np.array([row[name] for row in summed], dtype=np.float64) for name in ("rows", *prices)}


def relative_gains(
    errors: Errors, candidate: str, others: Sequence[str], *, resamples: int, confidence: float
) -> dict[str, float]:
    """Lower end of the interval of ``1 - RMSE(candidate) / RMSE(other)``, by name of the other.

    Args:
        errors: From ``bucket_errors``.
        candidate: Name of the candidate.
        others: Names to compare with.
        resamples: Bootstrap resamples.
        confidence: Level of the two-sided interval.
    """
    buckets = len(errors["rows"])
    draws = np.random.default_rng(_SEED).multinomial(buckets, np.full(buckets, 1 / buckets), size=resamples)
    own = draws @ errors[candidate]
    low = (1 - confidence) / 2
    return {name: float(np.quantile(1 - np.sqrt(own / (draws @ errors[name])), low)) for name in others}
