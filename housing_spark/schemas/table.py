"""What a table looks like: its columns in order, each with a type and a comment, and the key that names a row."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T


@dataclass(frozen=True)
class Field:
    """One column of a table."""

    name: str
    type: T.DataType
    comment: str


@dataclass(frozen=True)
class Table:
    """One table: declared once, checked at every write."""

    name: str
    comment: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    is_append_only: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in declared order."""
        return tuple(field.name for field in self.fields)

    @property
    def schema(self) -> T.StructType:
        """The Spark schema, with comments."""
        return T.StructType([T.StructField(f.name, f.type, True, {"comment": f.comment}) for f in self.fields])

    def select(self, frame: DataFrame) -> DataFrame:
        """The frame in declared order and types, with comments; extra columns are left behind."""
        return frame.select(
            *(F.col(f.name).cast(f.type).alias(f.name, metadata={"comment": f.comment}) for f in self.fields)
        )


STRING, LONG, INT, DOUBLE, BOOLEAN = T.StringType(), T.LongType(), T.IntegerType(), T.DoubleType(), T.BooleanType()
TIMESTAMP = T.TimestampType()
