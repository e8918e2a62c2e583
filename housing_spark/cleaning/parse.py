"""Raw text to typed sales: every row comes out, with its key and with every reason against it."""

from collections.abc import Iterable, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.cleaning.corrupt import corrupt_code_expr
from housing_spark.cleaning.keys import MARK, hash_expr, key_columns, mark_expr
from housing_spark.cleaning.values import reason_code_expr, text_expr, value_expr
from housing_spark.contract import Contract
from housing_spark.contract.expressions import null_safe_sql
from housing_spark.hashing import fingerprint
from housing_spark.schemas.sales import CORRUPT_RECORD, REASONS, Objection, clean_table, reason_expr

_TOLD = (CORRUPT_RECORD, "batch_id", "source_row_hash")
_IS_ODD = "is_odd"


def parse_sales(raw: DataFrame, contract: Contract, objections: Sequence[Objection]) -> DataFrame:
    """The columns of the clean table, with ``reasons``, the mark of the key, and the row as it ``arrived``.

    A value that does not convert is null here and has a reason; the row's key is null where a key column is.

    Args:
        raw: Rows of the raw table.
        contract: Types, key and event time.
        objections: What speaks against a row beside what is found here; of typed columns, and all as they ``arrived``.
    """
    typed = typed_values(raw, contract, contract.columns)
    event_time = null_safe_sql(contract.event_time, contract.kinds) if contract.event_time else "null"
    timed = typed.withColumn("event_time", F.expr(event_time).cast("timestamp"))
    judged = [*_objections(contract), *objections]
    is_corrupt = F.col(CORRUPT_RECORD).isNotNull()
    # Not a chain of ORs: Spark's optimizer takes a hundred rounds to find that there is nothing in it to simplify.
    any_holds = F.greatest(is_corrupt, *(one.holds for one in judged))
    found = {
        "row_key": F.when(is_named(contract), hash_expr(key_columns(contract))),
        "content_hash": fingerprint(contract.label_free_columns),
        "reasons": _reasons(F.col(_IS_ODD), judged, contract),
        MARK: mark_expr(contract),
    }
    names = [name for name in clean_table(contract).columns if name not in found]
    return timed.withColumn(_IS_ODD, any_holds).select(
        *names, *(column.alias(name) for name, column in found.items()), "arrived", CORRUPT_RECORD
    )


def typed_values(raw: DataFrame, contract: Contract, names: Iterable[str]) -> DataFrame:
    """These columns of raw as values, and all of them as they ``arrived``."""
    values = (value_expr(text_expr(F.col(name), contract), contract.columns[name].type).alias(name) for name in names)
    return raw.select(*values, F.struct(*contract.columns).alias("arrived"), *_TOLD)


def is_named(contract: Contract) -> Column:
    """Whether a typed row has a key."""
    if not contract.key:
        return F.col(CORRUPT_RECORD).isNull()
    return reduce(Column.__and__, (F.col(name).isNotNull() for name in contract.key))


def _objections(contract: Contract) -> list[Objection]:
    found = [_column_objection(name, contract) for name in contract.columns]
    if contract.event_time:
        found.append(Objection(F.col("event_time").isNull(), reason_expr("E-ING-124", column="event_time")))
    return found


def _reasons(is_odd: Column, judged: Sequence[Objection], contract: Contract) -> Column:
    """Most rows have none: no reason is made to find that out."""
    line = F.col(CORRUPT_RECORD)
    corrupt = F.array(reason_expr(corrupt_code_expr(line, contract), value=F.substring(line, 1, 1000)))
    found = F.filter(F.array(*(F.when(one.holds, one.reason) for one in judged)), lambda reason: reason.isNotNull())
    return F.when(~is_odd, F.array()).when(line.isNotNull(), corrupt).otherwise(found).cast(REASONS)


def _column_objection(name: str, contract: Contract) -> Objection:
    text = text_expr(F.col(f"arrived.{name}"), contract)
    code = reason_code_expr(text, F.col(name), name, contract.columns[name], contract)
    return Objection(code.isNotNull(), reason_expr(code, column=name, value=text))
