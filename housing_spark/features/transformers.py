"""Estimators that learn numbers from training rows and become plain Spark SQL.

What they learn is written into an ``SQLTransformer``: a stage of Spark itself, so a saved model needs no class of
ours to load, in any Spark. See ``docs/decisions/0001-learned-stages-are-sql.md``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pyspark.ml import Estimator, PipelineModel
from pyspark.ml.feature import SQLTransformer, StringIndexer
from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from housing_spark.errors import InputRefusedError

RARE, MISSING = "(rare)", "(missing)"
VALUE = "__value"  # after the name of a number: without gaps and outliers
OUTLIER = "__outlier"  # 0 or 1: whether it was clipped


class NumericConditioner(Estimator[PipelineModel]):
    """Fills gaps with the training median, marks them, and clips outliers, in one pass over the training rows.

    For each input ``x`` the model adds ``x__value``, where training rows had gaps ``x__missing`` (0 or 1), and with
    ``flags`` where values are clipped ``x__outlier`` (0 or 1).
    Clipping: Tukey's fences (``iqr``: quartiles and ``factor`` interquartile ranges) or ``factor`` standard
    deviations around the mean (``zscore``).
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        outliers: Literal["none", "iqr", "zscore"],
        factor: float,
        indicators: bool,
        flags: bool = False,
    ) -> None:
        """Say what to learn; nothing is computed before ``fit``."""
        super().__init__()
        self.names, self.outliers, self.factor = tuple(names), outliers, factor
        self.indicators, self.flags = indicators, flags
        self.outputs: tuple[str, ...] = ()

    def _fit(self, dataset: DataFrame) -> PipelineModel:
        row = dataset.agg(*(part for name in self.names for part in summaries(name))).collect()[0]
        columns = [column for name in self.names for column in self._columns(name, row)]
        self.outputs = tuple(name for name, _ in columns)
        return PipelineModel([sql_stage(columns)])

    def _columns(self, name: str, row: Row) -> list[tuple[str, str]]:
        if not row[f"{name}__count"]:
            raise InputRefusedError(
                "E-TRAIN-002",
                f"column {name} has no values in the training rows; take it out of the contract's features",
            )
        median = row[f"{name}__quartiles"][1]
        number = f"COALESCE(CAST(`{name}` AS DOUBLE), {sql_number(median)})"
        clipped = number
        if bounds := fence(row, name, self.outliers, self.factor):
            clipped = f"LEAST(GREATEST({number}, {sql_number(bounds[0])}), {sql_number(bounds[1])})"
        columns = [(f"{name}{VALUE}", clipped)]
        if self.flags and bounds:
            columns.append((f"{name}{OUTLIER}", f"CAST({clipped} <> {number} AS DOUBLE)"))
        if self.indicators and row[f"{name}__count"] < row[f"{name}__rows"]:
            columns.append((f"{name}__missing", f"CAST(`{name}` IS NULL AS DOUBLE)"))
        return columns


class CategoryIndexer(Estimator[PipelineModel]):
    """Indexes the frequent categories of each column; rare ones and those never seen share one index.

    For each input ``x`` the model adds ``x__index``, 0 for the most frequent category; ties go by name.
    """

    def __init__(self, names: Sequence[str], *, min_rows: int, max_categories: int) -> None:
        """Say what to learn; nothing is computed before ``fit``."""
        super().__init__()
        self.names, self.min_rows, self.max_categories = tuple(names), min_rows, max_categories

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that the model adds."""
        return tuple(f"{name}__index" for name in self.names)

    def _fit(self, dataset: DataFrame) -> PipelineModel:
        frequent = ranked_categories(dataset, self.names, min_rows=self.min_rows, most=self.max_categories)
        groups = [(f"{name}__group", _group_sql(name, frequent.get(name, []))) for name in self.names]
        grouping = sql_stage(groups)
        indexer = StringIndexer(
            inputCols=[name for name, _ in groups], outputCols=list(self.outputs), handleInvalid="keep"
        )
        return PipelineModel([grouping, indexer.fit(grouping.transform(dataset))])


def ranked_categories(rows: DataFrame, names: Sequence[str], *, min_rows: int, most: int) -> Mapping[str, list[str]]:
    """The categories of each column that has any, by falling number of rows; ties go by name.

    Args:
        rows: Training rows.
        names: The columns.
        min_rows: Of a category.
        most: Categories of a column: as many values come to the driver at most.
    """
    pairs = F.explode(F.array(*(_pair(name) for name in names))).alias("pair")
    counts = rows.select(pairs).groupBy("pair.name", "pair.value").count()
    by_count = Window.partitionBy("name").orderBy(F.desc("count"), F.asc("value"))
    kept = counts.where(F.col("count") >= min_rows).withColumn("place", F.row_number().over(by_count))
    ranked: dict[str, list[str]] = {}
    for row in kept.where(F.col("place") <= most).orderBy("name", "place").collect():
        ranked.setdefault(row["name"], []).append(row["value"])
    return ranked


def summaries(name: str) -> list[Column]:
    """What fences of a number are made of; see ``fence``."""
    number = F.col(name).cast("double")
    return [
        F.count(number).alias(f"{name}__count"),
        F.count(F.lit(1)).alias(f"{name}__rows"),
        F.percentile_approx(number, [0.25, 0.5, 0.75]).alias(f"{name}__quartiles"),
        F.avg(number).alias(f"{name}__mean"),
        F.stddev(number).alias(f"{name}__sd"),
    ]


def fence(row: Row, name: str, way: str, factor: float) -> tuple[float, float] | None:
    """The bounds of a number by the summaries of its rows; ``None`` where it has no values, or no spread.

    Args:
        row: Of an aggregation by ``summaries``.
        name: The number.
        way: ``iqr``, ``zscore`` or ``none``.
        factor: Of interquartile ranges beyond the quartiles, or of standard deviations around the mean.
    """
    if not row[f"{name}__count"]:
        return None
    low, _, high = row[f"{name}__quartiles"]
    mean, deviation = row[f"{name}__mean"], row[f"{name}__sd"] or 0.0
    if way == "iqr" and high > low:
        reach = factor * (high - low)
        return low - reach, high + reach
    if way == "zscore" and deviation > 0:
        return mean - factor * deviation, mean + factor * deviation
    return None


def sql_stage(columns: Sequence[tuple[str, str]]) -> SQLTransformer:
    """The stage that adds columns, given their names and SQL."""
    added = ", ".join(f"{sql} AS `{name}`" for name, sql in columns)
    return SQLTransformer(statement=f"SELECT *, {added} FROM __THIS__")  # noqa: S608  # built from numbers and quoted names


def _group_sql(name: str, frequent: Sequence[str]) -> str:
    value = category_sql(name)
    if not frequent:
        return sql_text(RARE)
    return f"CASE WHEN {value} IN ({', '.join(map(sql_text, frequent))}) THEN {value} ELSE {sql_text(RARE)} END"


def category_sql(name: str) -> str:
    """A category as text; a missing one is a category too."""
    return f"COALESCE(CAST(`{name}` AS STRING), {sql_text(MISSING)})"


def _pair(name: str) -> Column:
    value = F.coalesce(F.col(name).cast("string"), F.lit(MISSING))
    return F.struct(F.lit(name).alias("name"), value.alias("value"))


def sql_number(value: Any) -> str:
    """A double literal that reads back as the same double."""
    return f"{float(value)!r}D"


def sql_text(value: str) -> str:
    """A text literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
