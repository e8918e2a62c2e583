"""A table measured in a fixed number of passes, however many columns it has.

1. rows, gaps, distinct values (HyperLogLog++, Heule, Nunkesser and Hall, 2013), moments and quantiles of every column
2. histograms of numbers, between the ends that the first pass found
3. the most frequent values of all other columns
4. correlations of numbers

What comes to the driver is a fixed number of figures per column, and one per pair of numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from pyspark.ml.feature import VectorAssembler
from pyspark.ml.stat import Correlation
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F
from pyspark.sql import types as T

from housing_spark.frequencies import frequent_values
from housing_spark.profiling.facts import Bar, ColumnProfile, Pair, Profile

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
BARS, TOP_VALUES = 20, 10
_ACCURACY = 1_000
_PASSES = 4
_FEWEST_CORRELATED = 2


def measure_table(rows: DataFrame, comments: Mapping[str, str]) -> Profile:
    """The profile of the named columns.

    Args:
        rows: The table.
        comments: What each column to be measured means; their order is kept.
    """
    fields = [rows.schema[name] for name in comments]
    numbers = [field.name for field in fields if isinstance(field.dataType, T.NumericType)]
    row = rows.agg(
        F.count(F.lit(1)).alias("rows"), *(figure for field in fields for figure in _figures(field))
    ).collect()[0]
    bars = _histograms(rows, {name: row[name] for name in numbers})
    top = _top_values(rows, [name for name in comments if name not in numbers])
    columns = [_column(field, row[field.name], comments[field.name], bars, top) for field in fields]
    varied = {name: row[name]["mean"] for name in numbers if row[name]["deviation"]}
    return Profile(row["rows"], tuple(columns), _correlations(rows, varied), _PASSES)


def _figures(field: T.StructField) -> list[Column]:
    column = F.col(field.name)
    figures = [F.count_if(column.isNull()).alias("missing"), F.approx_count_distinct(column, 0.02).alias("distinct")]
    if isinstance(field.dataType, T.NumericType):
        number = column.cast("double")
        figures += [
            F.avg(number).alias("mean"), F.stddev(number).alias("deviation"), F.min(number).alias("low"),
            F.max(number).alias("high"), F.percentile_approx(number, list(SHARES), _ACCURACY).alias("quantiles"),
        ]  # fmt: skip
    return [F.struct(*figures).alias(field.name)]


def _histograms(rows: DataFrame, ends: Mapping[str, Row]) -> dict[str, tuple[Bar, ...]]:
    """Rows per bar; the outermost bars also hold what lies beyond the 1st and 99th percentile."""
    spans = {name: _span(row) for name, row in ends.items() if row["high"] is not None and row["high"] > row["low"]}
    if not spans:
        return {}
    places = [
        F.struct(F.lit(name).alias("name"), _bar_expr(name, low, high).alias("bar"))
        for name, (low, high) in spans.items()
    ]
    counted = rows.select(F.inline(F.array(*places))).where(F.col("bar").isNotNull()).groupBy("name", "bar").count()
    found = {(row["name"], row["bar"]): row["count"] for row in counted.collect()}
    return {
        name: tuple(
            Bar(low + (high - low) * bar / BARS, low + (high - low) * (bar + 1) / BARS, found.get((name, bar), 0))
            for bar in range(BARS)
        )
        for name, (low, high) in spans.items()
    }


def _span(row: Row) -> tuple[float, float]:
    low, high = row["quantiles"][0], row["quantiles"][-1]
    return (low, high) if high > low else (row["low"], row["high"])


def _bar_expr(name: str, low: float, high: float) -> Column:
    place = F.floor((F.col(name).cast("double") - low) / (high - low) * BARS)
    return F.when(F.col(name).isNotNull(), F.least(F.greatest(place, F.lit(0)), F.lit(BARS - 1)))


def _top_values(rows: DataFrame, names: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    if not names:
        return {}
    top = frequent_values(rows, names, TOP_VALUES)
    found: dict[str, tuple[tuple[str, int], ...]] = dict.fromkeys(names, ())
    for row in top.orderBy("name", "place").collect():
        found[row["name"]] += ((row["value"], row["count"]),)
    return found


def _correlations(rows: DataFrame, means: Mapping[str, float]) -> tuple[Pair, ...]:
    """Every pair of numbers that vary, the strongest first; a gap counts as the column's mean."""
    names = list(means)
    if len(names) < _FEWEST_CORRELATED:
        return ()
    filled = [F.coalesce(F.col(name).cast("double"), F.lit(mean)).alias(name) for name, mean in means.items()]
    vectors = VectorAssembler(inputCols=names, outputCol="numbers").transform(rows.select(*filled))
    matrix = Correlation.corr(vectors, "numbers").collect()[0][0].toArray()
    pairs = [Pair(names[i], names[j], float(matrix[i][j])) for i, j in combinations(range(len(names)), 2)]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.correlation)))


def _column(
    field: T.StructField,
    figures: Row,
    comment: str,
    bars: Mapping[str, tuple[Bar, ...]],
    top: Mapping[str, tuple[tuple[str, int], ...]],
) -> ColumnProfile:
    known = figures.asDict()
    quantiles = dict(zip(SHARES, known.pop("quantiles", None) or (), strict=False))
    column = ColumnProfile(field.name, field.dataType.simpleString(), comment, quantiles=quantiles, **known)
    return replace(column, bars=bars.get(field.name, ()), top=top.get(field.name, ()))
