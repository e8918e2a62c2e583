"""Bounds, allowed values and row rules: each adds its reason to the row, none drops it."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.contract import Column as ContractColumn
from housing_spark.contract import Contract
from housing_spark.contract.expressions import null_safe_sql
from housing_spark.schemas.sales import reason_expr

RULE_CODE, ALLOWED_CODE = "E-ING-112", "E-ING-123"


def with_rule_reasons(parsed: DataFrame, contract: Contract) -> DataFrame:
    """Parsed sales with the reasons of bounds, allowed values and rules added; a null passes.

    Args:
        parsed: Sales with ``texts`` and ``reasons``.
        contract: Bounds, allowed values and rules.
    """
    checks = [_value_reason(name, column, contract) for name, column in contract.columns.items()]
    checks += [_rule_reason(name, sql, contract) for name, sql in contract.rules.items()]
    present = [check for check in checks if check is not None]
    if not present:
        return parsed
    added = F.filter(F.array(*present), lambda reason: reason.isNotNull())
    return parsed.withColumn("reasons", F.concat("reasons", added))


def _value_reason(name: str, column: ContractColumn, contract: Contract) -> Column | None:
    value = F.col(name)
    if column.allowed is not None:
        return _reason(~value.isin(*column.allowed), ALLOWED_CODE, name, "allowed")
    if column.min is None and column.max is None:
        return None
    limits = [value < column.min] if column.min is not None else []
    limits += [value > column.max] if column.max is not None else []
    is_finite = F.abs(value.cast("double")) < float("inf")  # NaN and infinity have a reason of their own
    return _reason(reduce(Column.__or__, limits) & is_finite, _range_code(name, contract), name, _bounds(column))


def _bounds(column: ContractColumn) -> str:
    ends = ("" if end is None else f"{end:g}" for end in (column.min, column.max))
    return "..".join(ends)


def _range_code(name: str, contract: Contract) -> str:
    if name == contract.label:
        return "E-ING-103"
    return "E-ING-114" if contract.location and name in contract.location.columns else "E-ING-113"


def _rule_reason(name: str, sql: str, contract: Contract) -> Column:
    is_broken = ~F.expr(null_safe_sql(sql, contract.kinds))
    return F.when(is_broken, reason_expr(RULE_CODE, rule=name))


def _reason(is_broken: Column, code: str, name: str, rule: str) -> Column:
    return F.when(is_broken, reason_expr(code, column=name, value=F.col(f"texts.{name}"), rule=rule))
