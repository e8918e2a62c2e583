"""One text to one value of a contract type, and the reason where it does not convert."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from housing_spark.contract import Column as ContractColumn
from housing_spark.contract import Contract

_DATE = r"^\d{4}-\d{1,2}-\d{1,2}"
_MONEY = r"^[\s$€£¥+-]*\d[\d.,'\s]*[\s$€£¥]*$"
_CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F]"


def text_expr(raw: Column, contract: Contract) -> Column:
    """The trimmed text of a raw column; null where the contract says that it means missing."""
    text = F.trim(raw)
    return F.when(~text.isin(*contract.source.null_values, ""), text)


def value_expr(text: Column, kind: str) -> Column:
    """The value of a text: null where it does not convert. ``41.0`` is a whole number, ``41.5`` is not."""
    if kind in ("int", "bigint"):
        number = text.try_cast("decimal(38,10)")
        whole = F.coalesce(text.try_cast("bigint"), F.when(number == F.floor(number), number).try_cast("bigint"))
        return whole.try_cast(kind)
    if kind in ("date", "timestamp"):
        return F.when(text.rlike(_DATE), text).try_cast(kind)
    return text if kind == "string" else text.try_cast(kind)


def reason_code_expr(text: Column, value: Column, name: str, column: ContractColumn, contract: Contract) -> Column:
    """The code of what is wrong with a text, or null.

    Codes: 101 not of the type, 102 missing, 104 not finite, 105 too large for its decimal, 106 a number in another
    format, 110 not a date, 113 not a whole number, 116 key missing, 122 control characters.
    """
    chain = F.when(text.isNotNull() & value.isNull(), _conversion_code(text, column.type))
    if column.type in ("float", "double"):
        chain = F.when(F.isnan(value) | (F.abs(value) == float("inf")), "E-ING-104").otherwise(chain)
    if column.type == "string":
        chain = F.when(text.rlike(_CONTROL), "E-ING-122")
    if name in contract.key:
        return F.when(text.isNull(), "E-ING-116").otherwise(chain)
    return F.when(text.isNull(), "E-ING-102").otherwise(chain) if column.required else chain


def _conversion_code(text: Column, kind: str) -> Column:
    if kind in ("date", "timestamp"):
        return F.lit("E-ING-110")
    if kind in ("boolean", "string"):
        return F.lit("E-ING-101")
    is_number = text.try_cast("double").isNotNull()
    outside = "E-ING-105" if kind.startswith("decimal") else "E-ING-113"
    return F.when(is_number, outside).when(text.rlike(_MONEY), "E-ING-106").otherwise("E-ING-101")
