"""Reasons as a person reads them: the largest one by one, the others together."""

from pyspark.sql import Column
from pyspark.sql import functions as F

_OTHERS = "all others"


def reasons_expr(names: Column, most: int) -> Column:
    """The largest contributions by size, then all others together; ties keep the order of the sources."""
    parts = F.arrays_zip(
        names.alias("feature"), F.col("_values").alias("value"), F.col("_contributions").alias("contribution")
    )
    ordered = F.array_sort(
        parts, lambda one, other: F.signum(F.abs(other["contribution"]) - F.abs(one["contribution"])).cast("int")
    )
    rest = F.slice(ordered, most + 1, F.greatest(F.size(ordered) - most, F.lit(0)))
    total = F.aggregate(rest, F.lit(0.0), lambda total, one: total + one["contribution"])
    others = F.struct(
        F.lit(_OTHERS).alias("feature"), F.lit(None).cast("string").alias("value"), total.alias("contribution")
    )
    return F.when(F.size(rest) > 0, F.concat(F.slice(ordered, 1, most), F.array(others))).otherwise(ordered)
