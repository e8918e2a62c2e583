"""Raw text to typed sales: every row comes out, with its key and with every reason against it so far."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.cleaning.corrupt import corrupt_code_expr
from housing_spark.cleaning.keys import hash_expr
from housing_spark.cleaning.values import reason_code_expr, text_expr, value_expr
from housing_spark.contract import Contract
from housing_spark.contract.expressions import null_safe_sql
from housing_spark.schemas.sales import CORRUPT_RECORD, REASONS, reason_expr


def parse_sales(raw: DataFrame, contract: Contract) -> DataFrame:
    """Typed sales with ``row_key``, ``content_hash``, ``event_time``, ``raw_record``, ``texts`` and ``reasons``.

    A value that does not convert is null here and has a reason; the row's key is null where a key column is.

    Args:
        raw: Rows of the raw table.
        contract: Types, key and event time.
    """
    parsed = raw.select(
        *(value_expr(text_expr(name, contract), column.type).alias(name) for name, column in contract.columns.items()),
        F.struct(*(text_expr(name, contract).alias(name) for name in contract.columns)).alias("texts"),
        CORRUPT_RECORD, "batch_id", "source_row_hash",
        F.coalesce(F.col(CORRUPT_RECORD), F.to_json(F.struct(*contract.columns))).alias("raw_record"),
    )  # fmt: skip
    event_time = null_safe_sql(contract.event_time, contract.kinds) if contract.event_time else "null"
    timed = parsed.withColumn("event_time", F.expr(event_time).cast("timestamp"))
    return timed.withColumns(
        {
            "row_key": _row_key(contract),
            "content_hash": hash_expr(contract.label_free_columns),
            "reasons": _reasons(contract),
        }
    )


def _row_key(contract: Contract) -> Column:
    if not contract.key:
        return F.when(F.col(CORRUPT_RECORD).isNull(), hash_expr(contract.label_free_columns))
    is_known = reduce(Column.__and__, (F.col(name).isNotNull() for name in contract.key))
    return F.when(is_known, hash_expr(contract.key))


def _reasons(contract: Contract) -> Column:
    line = F.col(CORRUPT_RECORD)
    corrupt = F.array(reason_expr(corrupt_code_expr(line, contract), value=F.substring(line, 1, 1000)))
    each = [_column_reason(name, contract) for name in contract.columns]
    if contract.event_time:
        is_absent = F.col("event_time").isNull()
        each.append(F.when(is_absent, reason_expr("E-ING-124", column="event_time")))
    found = F.filter(F.array(*each), lambda reason: reason.isNotNull())
    return F.when(line.isNotNull(), corrupt).otherwise(found).cast(REASONS)


def _column_reason(name: str, contract: Contract) -> Column:
    text = F.col(f"texts.{name}")
    code = reason_code_expr(text, F.col(name), name, contract.columns[name], contract)
    return F.when(code.isNotNull(), reason_expr(code, column=name, value=text))
