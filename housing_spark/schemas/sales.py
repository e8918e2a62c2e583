"""The tables that hold sales, from text as it arrived to described rows; their columns follow the contract."""

from typing import NamedTuple

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from housing_spark.contract import Contract
from housing_spark.schemas.table import DOUBLE, STRING, TIMESTAMP, Field, Table

CORRUPT_RECORD = "_corrupt_record"
SUPERSEDED_CODE = "E-ING-115"
MISSING_CODES = ("E-ING-102", "E-ING-116")

_SCALARS: dict[str, T.DataType] = {
    "string": STRING,
    "int": T.IntegerType(),
    "bigint": T.LongType(),
    "float": T.FloatType(),
    "double": DOUBLE,
    "boolean": T.BooleanType(),
    "date": T.DateType(),
    "timestamp": TIMESTAMP,
}
REASONS = T.ArrayType(
    T.StructType([T.StructField(name, STRING, True) for name in ("code", "column", "value", "rule")]), True
)

_ROW_KEY = Field("row_key", STRING, "names a sale: hash of the contract's key columns, 32 hex digits")
_CONTENT_HASH = Field("content_hash", STRING, "fingerprint of every column but the label, 32 hex digits")
_BATCH = Field("batch_id", STRING, "ingest batch; sorts in order of arrival")
_EVENT_TIME = Field("event_time", TIMESTAMP, "when the sale happened, UTC; null where the contract has no event_time")
_FILE_HASH = Field("source_file_hash", STRING, "identity of the file, SHA-256 of its content")


class Objection(NamedTuple):
    """What may speak against a row: whether it does (null: no), and the reason in that case."""

    holds: Column
    reason: Column


def reason_expr(
    code: Column | str, *, column: str | None = None, value: Column | None = None, rule: str | None = None
) -> Column:
    """One reason against a row: its code, and the column, raw text and rule that it is about."""
    text = F.lit(None) if value is None else value
    return F.struct(
        (F.lit(code) if isinstance(code, str) else code).alias("code"),
        F.lit(column).cast("string").alias("column"),
        text.cast("string").alias("value"),
        F.lit(rule).cast("string").alias("rule"),
    )


def raw_table(contract: Contract) -> Table:
    """Bronze: rows as they arrived, as text."""
    columns = (Field(name, STRING, f"{column.comment or name}, as text") for name, column in contract.columns.items())
    return Table(
        "raw",
        "Rows as they arrived, as text",
        (
            *columns,
            Field(CORRUPT_RECORD, STRING, "the raw line where it is not a row of the format"),
            _BATCH,
            Field("source_file", STRING, "file that the row came from"),
            _FILE_HASH,
            Field("source_row_hash", STRING, "fingerprint of the row's text, 32 hex digits"),
            Field("ingested_at", TIMESTAMP, "when the batch was read, UTC"),
        ),
        searched=("batch_id", "source_file_hash"),
    )


def clean_table(contract: Contract) -> Table:
    """Silver: accepted rows, typed, one per key."""
    return Table(
        "clean",
        "Accepted rows, typed, one per key",
        (
            _ROW_KEY,
            *typed_fields(contract),
            _EVENT_TIME,
            _CONTENT_HASH,
            Field("source_row_hash", STRING, "fingerprint of the row's text, 32 hex digits"),
            _BATCH,
        ),
        key=("row_key",),
    )


QUARANTINE = Table(
    "quarantine",
    "Refused rows, with every reason",
    (
        Field("row_key", STRING, "names a sale, where the key could be read"),
        Field("reasons", REASONS, "every reason: code, column, raw value, rule"),
        Field("raw_record", STRING, "the row as it arrived: the raw line, or JSON of its texts"),
        _BATCH,
        Field("quarantined_at", TIMESTAMP, "when the row was set aside, UTC"),
    ),
)


def features_table(contract: Contract, derived: dict[str, T.DataType]) -> Table:
    """Gold: accepted rows described by row expressions; nothing learned, no split.

    Args:
        contract: The dataset.
        derived: Type of every derived feature: double or string.
    """
    names = contract.columns
    kept = dict.fromkeys(
        (*contract.key, *contract.numeric_features, *contract.features.categorical, *contract.segments, contract.weight)
    )
    label = Field("label", DOUBLE, f"{contract.label}, {contract.currency}; null where it is not known")
    group = Field("group_key", STRING, "names what must stay in one split, 32 hex digits")
    columns = (field for field in typed_fields(contract) if field.name in kept and field.name in names)
    described = (Field(name, kind, f"derived: {contract.features.derived[name]}") for name, kind in derived.items())
    return Table(
        "features",
        "Accepted rows described by row expressions",
        (_ROW_KEY, group, label, _EVENT_TIME, *columns, *described, _CONTENT_HASH, _BATCH),
        key=("row_key",),
    )


def typed_fields(contract: Contract) -> tuple[Field, ...]:
    """The contract's columns with their types and comments."""
    return tuple(
        Field(name, spark_type(column.type), column.comment or name) for name, column in contract.columns.items()
    )


def spark_type(name: str) -> T.DataType:
    """Spark's type of a contract type."""
    if name.startswith("decimal"):
        precision, scale = name.removeprefix("decimal(").removesuffix(")").split(",")
        return T.DecimalType(int(precision), int(scale))
    return _SCALARS[name]
