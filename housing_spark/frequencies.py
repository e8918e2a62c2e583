"""The most frequent values of columns, in one pass over the rows."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F


def frequent_values(rows: DataFrame, names: Sequence[str], most: int) -> DataFrame:
    """One row per column and value: ``name, value, count, place``, at most ``most`` values a column, nulls left out.

    Args:
        rows: The rows.
        names: Columns, at least one; values are given as text.
        most: Values per column; of equally frequent ones, the first in order of text.
    """
    pairs = [F.struct(F.lit(name).alias("name"), F.col(name).cast("string").alias("value")) for name in names]
    counted = rows.select(F.inline(F.array(*pairs))).where(F.col("value").isNotNull()).groupBy("name", "value").count()
    order = Window.partitionBy("name").orderBy(F.desc("count"), "value")
    return counted.withColumn("place", F.row_number().over(order)).where(F.col("place") <= most)
