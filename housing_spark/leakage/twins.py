"""Rows that judge a model and are training rows, too: the same home, the same price, under another key."""

from collections.abc import Iterator, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.leakage.findings import Finding
from housing_spark.settings.leakage import Leakage


def twin_rows(rows: DataFrame, columns: Sequence[str], settings: Leakage) -> Iterator[Finding]:
    """The share of judged rows of which a training row has every value.

    Args:
        rows: Labelled rows with ``split``; all are compared, by a hash.
        columns: What must be equal beside the price: features and place.
        settings: The bound.
    """
    content = F.xxhash64("label", *(F.col(name).cast("string") for name in columns)).alias("content")
    is_training = F.col("split") == "train"
    by_content = rows.groupBy(content).agg(
        F.count_if(is_training).alias("trained"), F.count_if(~is_training).alias("judged")
    )
    twins = F.sum(F.when(F.col("trained") > 0, F.col("judged")).otherwise(0))
    row = by_content.agg(twins.alias("twins"), F.sum("judged").alias("judged")).collect()[0]
    share = row["twins"] / row["judged"] if row["judged"] else 0.0
    if share > settings.max_twins:
        yield Finding("twins", "rows", share, settings.max_twins)
