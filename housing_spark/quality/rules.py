"""Bounds, allowed values and row rules: each may speak against a row, none drops it."""

from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from housing_spark.contract import Column as ContractColumn
from housing_spark.contract import Contract
from housing_spark.contract.expressions import null_safe_sql
from housing_spark.schemas.sales import Objection, reason_expr

RULE_CODE, ALLOWED_CODE = "E-ING-112", "E-ING-123"


def objections(contract: Contract) -> list[Objection]:
    """What bounds, allowed values and rules of a contract may say against a typed row; a null passes."""
    values = (_value_objection(name, column, contract) for name, column in contract.columns.items())
    rules = (_rule_objection(name, sql, contract) for name, sql in contract.rules.items())
    return [one for one in values if one is not None] + list(rules)


def _value_objection(name: str, column: ContractColumn, contract: Contract) -> Objection | None:
    value = F.col(name)
    if column.allowed is not None:
        return _objection(~value.isin(*column.allowed), ALLOWED_CODE, name, "allowed")
    if column.min is None and column.max is None:
        return None
    limits = [value < column.min] if column.min is not None else []
    limits += [value > column.max] if column.max is not None else []
    is_finite = F.abs(value.cast("double")) < float("inf")  # NaN and infinity have a reason of their own
    return _objection(reduce(Column.__or__, limits) & is_finite, _range_code(name, contract), name, _bounds(column))


def _bounds(column: ContractColumn) -> str:
    ends = ("" if end is None else f"{end:g}" for end in (column.min, column.max))
    return "..".join(ends)


def _range_code(name: str, contract: Contract) -> str:
    if name == contract.label:
        return "E-ING-103"
    return "E-ING-114" if contract.location and name in contract.location.columns else "E-ING-113"


def _rule_objection(name: str, sql: str, contract: Contract) -> Objection:
    is_broken = ~F.expr(null_safe_sql(sql, contract.kinds))
    return Objection(is_broken, reason_expr(RULE_CODE, rule=name))


def _objection(is_broken: Column, code: str, name: str, rule: str) -> Objection:
    return Objection(is_broken, reason_expr(code, column=name, value=F.trim(f"arrived.{name}"), rule=rule))
