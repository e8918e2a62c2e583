"""The table of reasons behind prices."""

from pyspark.sql import types as T

from housing_spark.contract import Contract
from housing_spark.schemas.sales import typed_fields
from housing_spark.schemas.table import DOUBLE, INT, STRING, TIMESTAMP, Field, Table

_REASON = T.StructType(
    [T.StructField("feature", STRING), T.StructField("value", STRING), T.StructField("contribution", DOUBLE)]
)
_SALE = T.StructType(
    [T.StructField("key", STRING), T.StructField("price", DOUBLE), T.StructField("distance", DOUBLE),
     T.StructField("sold_at", TIMESTAMP)]
)  # fmt: skip


def explanations_table(contract: Contract) -> Table:
    """Gold: what adds up to a price of the champion."""
    keys = (field for field in typed_fields(contract) if field.name in contract.key)
    return Table(
        "explanations",
        "What adds up to prices of the champion; replaced as a whole",
        (
            Field("row_key", STRING, "names a sale"),
            *keys,
            *_why(contract.currency),
            Field("split", STRING, "part that the row played for this model; null: new to it"),
            Field("model_name", STRING, "registered name of the model"),
            Field("model_version", INT, "registered version of the model"),
            Field("content_hash", STRING, "hash of what was priced: every column but the label"),
            Field("explained_at", TIMESTAMP, "when, UTC"),
        ),
        key=("row_key",),
    )


def _why(money: str) -> tuple[Field, ...]:
    """What adds up to a price, and who else pays it."""
    return (
        Field("prediction", DOUBLE, f"price, {money}"),
        Field(
            "base_price",
            DOUBLE,
            f"price where nothing is known of a home: what contributions are added to, {money}",
        ),
        Field("reasons", T.ArrayType(_REASON), f"the largest contributions, then all others together, {money}"),
        Field("contributions", T.MapType(STRING, DOUBLE), f"what each source adds to base_price, {money}"),
        Field(
            "comparable_sales",
            T.ArrayType(_SALE),
            f"earlier training sales that the model prices for the same reasons, near by: key, price ({money}), "
            "distance (km, or the grid's unit), when; the most alike first",
        ),
    )
