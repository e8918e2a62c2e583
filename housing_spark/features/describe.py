"""Accepted rows described by row expressions only: nothing learned, no split."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from housing_spark.contract import Contract
from housing_spark.contract.expressions import null_safe_sql
from housing_spark.errors import ConfigurationError
from housing_spark.schemas.sales import features_table
from housing_spark.schemas.table import Table


def describe_sales(clean: DataFrame, contract: Contract, group_key: Column) -> tuple[DataFrame, Table]:
    """The features of every clean sale, and the table they belong to.

    Args:
        clean: Rows of the clean table.
        contract: Label, features and derived expressions.
        group_key: Names what must stay in one split.

    Raises:
        ConfigurationError: A derived feature is neither a number nor a text.
    """
    derived = _derived(clean, contract)
    table = features_table(contract, {name: kind for name, (_, kind) in derived.items()})
    described = clean.withColumns(
        {
            "label": F.col(contract.label).cast("double"),
            "group_key": group_key,
            **{name: expression for name, (expression, _) in derived.items()},
        }
    )
    return table.select(described), table


def feature_names(contract: Contract, table_schema: T.StructType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The numeric and the categorical features of the features table, raw ones first."""
    kinds = {field.name: field.dataType for field in table_schema.fields}
    texts = tuple(name for name in contract.features.derived if isinstance(kinds[name], T.StringType))
    numbers = tuple(name for name in contract.features.derived if name not in texts)
    return (*contract.numeric_features, *numbers), (*contract.features.categorical, *texts)


def _derived(clean: DataFrame, contract: Contract) -> dict[str, tuple[Column, T.DataType]]:
    expressions = {name: F.expr(null_safe_sql(sql, contract.kinds)) for name, sql in contract.features.derived.items()}
    described = clean.select(*(expression.alias(name) for name, expression in expressions.items()))
    return {field.name: _typed(field, expressions[field.name]) for field in described.schema.fields}


def _typed(field: T.StructField, expression: Column) -> tuple[Column, T.DataType]:
    if isinstance(field.dataType, T.StringType):
        return expression, T.StringType()
    if not isinstance(field.dataType, T.NumericType | T.BooleanType):
        raise ConfigurationError(
            "E-CFG-015",
            f"features.derived.{field.name}: gives {field.dataType.simpleString()}, expected a number or a text; "
            "take a part of it, for example year(...)",
        )
    number = expression.cast("double")
    return F.when(F.abs(number) < float("inf"), number), T.DoubleType()
