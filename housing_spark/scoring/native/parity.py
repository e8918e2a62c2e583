"""The parity certificate: how far native prices lie from the Spark model's, on rows that try to part them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import pyarrow as pa
from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.hashing import first_by_hash
from housing_spark.scoring.native.flat import NativeEnsemble
from housing_spark.scoring.native.stage import price_few_natively
from housing_spark.session import at_once

_SALT = "parity"
_PRICES = ("prediction", "prediction_lower", "prediction_upper")
_PLAIN_ROWS = 1_000
_BENT_ROWS = 3
_SMALL = 0.01
_EXTREME = 1e150  # beyond any price; its square is still a number
_UNSEEN = "a category that no row has"


@dataclass(frozen=True)
class Certificate:
    """What was compared.

    Attributes:
        rows: Rows priced both ways.
        bent_rows: Of these, rows with a missing value, an unseen category or an extreme in one feature.
        largest_difference: Of the prices and the ends of their ranges, relative to the price, or to a hundredth of
            the median price where that is more: a price near nought has no digits to agree in.
    """

    rows: int
    bent_rows: int
    largest_difference: float


def certify(
    rows: DataFrame,
    pipeline: PipelineModel,
    natives: Sequence[NativeEnsemble],
    numeric: Sequence[str],
    categorical: Sequence[str],
) -> Certificate:
    """Price up to 1,000 rows, and a few with each feature bent, both ways.

    Args:
        rows: Rows of the features table.
        pipeline: The model.
        natives: Its trees.
        numeric: Numeric features.
        categorical: Categorical features.
    """
    probes = _probes(rows, numeric, categorical)
    spark, own = at_once(
        lambda: _prices(pipeline.transform(probes)),
        lambda: _prices(price_few_natively(probes, pipeline, natives, ("row_key", "way"))),
    )
    bent = int(np.count_nonzero(spark["way"].to_numpy()))
    prices = np.abs(spark["prediction"].to_numpy())
    least = np.maximum(prices, _SMALL * np.median(prices))
    shown = (name for name in _PRICES if name in own.schema.names)
    differences = [np.abs(own[name].to_numpy() - spark[name].to_numpy()) / least for name in shown]
    return Certificate(len(prices), bent, float(np.max(differences)))


def _probes(rows: DataFrame, numeric: Sequence[str], categorical: Sequence[str]) -> DataFrame:
    """Rows by hash of their key as they are (way 0), and the first of them once for each way to bend a feature."""
    typed = [
        *(F.col(name).cast("double").alias(name) for name in numeric),
        *(F.col(name).cast("string").alias(name) for name in categorical),
    ]
    told = [name for name in ("row_key", "event_time") if name in rows.columns]
    plain = first_by_hash(rows, _PLAIN_ROWS, salt=_SALT).select(*told, *typed).checkpoint()
    bends: dict[str, tuple[float | str | None, ...]] = {
        **dict.fromkeys(numeric, (None, _EXTREME, -_EXTREME)), **dict.fromkeys(categorical, (None, _UNSEEN)),
    }  # fmt: skip
    numbers = count(1)
    changed = {name: [(next(numbers), value) for value in values] for name, values in bends.items()}
    ways = rows.sparkSession.range(1, next(numbers)).withColumnRenamed("id", "way")
    few = first_by_hash(plain, _BENT_ROWS, salt=_SALT)
    bent = few.join(ways, how="cross").withColumns({name: _bent(name, changed[name]) for name in bends})
    return plain.withColumn("way", F.lit(0).cast("bigint")).unionByName(bent)


def _bent(name: str, changes: Sequence[tuple[int, float | str | None]]) -> Column:
    """A feature's value, another one in the ways that change it."""
    column = F.col(name)
    for way, value in changes:
        column = F.when(F.col("way") == way, F.lit(value)).otherwise(column)
    return column


def _prices(priced: DataFrame) -> pa.Table:
    """The prices of probes and their ranges, in order; the probes are few."""
    return (
        priced.select("row_key", "way", *(name for name in _PRICES if name in priced.columns))
        .toArrow()
        .sort_by([("row_key", "ascending"), ("way", "ascending")])
    )
