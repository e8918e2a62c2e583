"""What training saw of each feature: where a home lies outside, its price is an extrapolation."""

from collections.abc import Iterator, Sequence

from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from housing_spark.features.transformers import category_sql, ranked_categories, sql_number, sql_stage, sql_text

_MOST_CATEGORIES = 1_000


def fit_domain(training: DataFrame, numeric: Sequence[str], categorical: Sequence[str]) -> SQLTransformer:
    """The stage that adds ``extrapolated_inputs``, names of features, and ``is_extrapolation``: whether there are any.

    * A number lies outside where it is below or above all of training, or missing where training had no gap.
    * A category lies outside where no training row has it; a feature of more than 1,000 categories is not looked at.

    Args:
        training: Training rows of the features table.
        numeric: Numeric features.
        categorical: Categorical features.
    """
    outside = [*_outside_numbers(training, numeric), *_outside_categories(training, categorical)]
    named = [f"CASE WHEN {condition} THEN {sql_text(name)} END" for name, condition in outside]
    inputs = f"ARRAY_COMPACT(CAST(ARRAY({', '.join(named)}) AS ARRAY<STRING>))"
    return sql_stage([("extrapolated_inputs", inputs), ("is_extrapolation", f"SIZE({inputs}) > 0")])


def _outside_numbers(training: DataFrame, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not names:
        return
    numbers = {name: F.col(name).cast("double") for name in names}
    facts = [
        part.alias(f"{name}__{fact}")
        for name, number in numbers.items()
        for fact, part in (("low", F.min(number)), ("high", F.max(number)), ("gaps", F.count_if(number.isNull())))
    ]
    row: Row = training.agg(*facts).collect()[0]
    for name in names:
        value = f"CAST(`{name}` AS DOUBLE)"
        low, high = (sql_number(row[f"{name}__{end}"]) for end in ("low", "high"))
        gap = "FALSE" if row[f"{name}__gaps"] else "TRUE"
        yield name, f"COALESCE({value} < {low} OR {value} > {high}, {gap})"


def _outside_categories(training: DataFrame, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not names:
        return
    seen = ranked_categories(training, names, min_rows=1, most=_MOST_CATEGORIES + 1)
    for name in names:
        if len(seen[name]) <= _MOST_CATEGORIES:
            yield name, f"{category_sql(name)} NOT IN ({', '.join(map(sql_text, seen[name]))})"
