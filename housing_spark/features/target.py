"""The family ``target_encoding``: what homes of a category sold for, for categories of many values.

Out of fold: rows are cut into folds by a hash of their features, and a row is told the mean price of its category among
training rows of the other folds. A new row has a fold too, so it is told the same kind of number as the rows that a
model learned from, and rows alike in every feature never tell each other their prices. The mean of a category of few
rows is drawn to that of all (Micci-Barreca, SIGKDD Explorations 3(1), 2001).
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from housing_spark.features.grown import Grown, Inputs
from housing_spark.features.transformers import sql_number, sql_stage, sql_text
from housing_spark.settings.features import TargetEncoding

MEAN = "__mean_price"
_FOLD, _ALL = "target_fold", ""
_MONEY = "decimal(28, 6)"  # summed exactly: the same means on any layout


def grow(grown: Grown) -> None:
    """Add the mean price of each category, for columns that have many."""
    settings, names = grown.settings.target_encoding, grown.inputs.categorical
    if not names:
        return
    fold = _fold_sql(grown.inputs, settings.folds)
    sums = _sums(grown.priced.withColumn(_FOLD, F.expr(fold)), names, settings)
    many = [name for name in names if len(sums.get(name, ())) >= settings.min_categories]
    if not many:
        return
    usual = _others(sums[_ALL][0], 0.0, [0.0] * settings.folds)
    terms = [(f"{name}{MEAN}", _mean_sql(name, fold, sums[name], settings.smoothing, usual)) for name in many]
    grown.add(sql_stage(terms), [name for name, _ in terms])


def _sums(rows: DataFrame, names: Sequence[str], settings: TargetEncoding) -> dict[str, list[Row]]:
    """Rows and prices by fold of each column's most frequent categories, and of all rows under an empty name."""
    pairs = [F.struct(F.lit(name).alias("name"), F.col(name).cast("string").alias("value")) for name in names]
    everyone = F.struct(F.lit(_ALL).alias("name"), F.lit(_ALL).alias("value"))
    folds = range(settings.folds)
    priced = rows.select(_FOLD, F.col("label").cast(_MONEY).alias("label"), F.explode(F.array(*pairs, everyone)))
    sums = (
        priced.where("col.value IS NOT NULL")
        .groupBy("col.name", "col.value")
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.array(*(F.count_if(F.col(_FOLD) == fold) for fold in folds)).alias("counts"),
            F.array(
                *(F.coalesce(F.sum(F.when(F.col(_FOLD) == fold, F.col("label"))), F.lit(0)) for fold in folds)
            ).alias("prices"),
        )
    )
    by_rows = Window.partitionBy("name").orderBy(F.desc("rows"), "value")
    kept = sums.withColumn("place", F.row_number().over(by_rows)).where(F.col("place") <= settings.max_categories)
    found: dict[str, list[Row]] = {}
    for row in kept.orderBy("name", "place").collect():
        found.setdefault(row["name"], []).append(row)
    return found


def _others(row: Row, smoothing: float, usual: Sequence[float]) -> list[float]:
    """For each fold the mean price of a category in the other folds, drawn to the usual one."""
    counts, prices = row["counts"], [float(price) for price in row["prices"]]
    return [
        (sum(prices) - price + smoothing * mean) / ((sum(counts) - count + smoothing) or 1.0)
        for count, price, mean in zip(counts, prices, usual, strict=True)
    ]


def _fold_sql(inputs: Inputs, folds: int) -> str:
    """The fold of a row, by its features as they arrive: whatever their types, and whoever asks."""
    numbers = [f"CAST(`{name}` AS DOUBLE)" for name in inputs.numeric]
    texts = [f"CAST(`{name}` AS STRING)" for name in inputs.categorical]
    return f"CAST(PMOD(XXHASH64('target', {', '.join([*numbers, *texts])}), {folds}) AS INT)"


def _mean_sql(name: str, fold: str, sums: Sequence[Row], smoothing: float, usual: Sequence[float]) -> str:
    """The mean price of a column's category for a fold; a category that is missing, rare or new has the usual one."""
    means = [usual, *(_others(row, smoothing, usual) for row in sums)]
    numbers = ", ".join(sql_number(mean) for by_fold in means for mean in by_fold)
    categories = ", ".join(sql_text(row["value"]) for row in sums)
    place = f"COALESCE(ARRAY_POSITION(ARRAY({categories}), CAST(`{name}` AS STRING)), 0)"
    return f"ELEMENT_AT(ARRAY({numbers}), CAST({place} AS INT) * {len(usual)} + {fold} + 1)"
