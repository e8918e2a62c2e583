"""What a table looks like: its columns in order, each with a type and a comment, and the key that names a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_schema


@dataclass(frozen=True)
class Field:
    """One column of a table."""

    name: str
    type: T.DataType
    comment: str


@dataclass(frozen=True)
class Table:
    """One table: declared once, checked at every write.

    Files are told apart by the values of the ``searched`` columns; of a table that names none, by its first columns.
    """

    name: str
    comment: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    is_append_only: bool = False
    searched: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in declared order."""
        return tuple(field.name for field in self.fields)

    @property
    def schema(self) -> T.StructType:
        """The Spark schema, with comments."""
        return T.StructType([T.StructField(f.name, f.type, True, {"comment": f.comment}) for f in self.fields])

    def frame(self, spark: SparkSession, rows: Sequence[Mapping[str, Any]]) -> DataFrame:
        """Rows that the driver has, each with every column of the table.

        As Arrow they lie in the plan itself; as tuples every query over them would start Python on an executor (0.3 s).
        """
        named = [{name: row[name] for name in self.columns} for row in rows]
        return spark.createDataFrame(pa.Table.from_pylist(named, to_arrow_schema(self.schema)), self.schema)

    def select(self, frame: DataFrame) -> DataFrame:
        """The frame in declared order and types, with comments; extra columns are left behind."""
        return frame.select(
            *(F.col(f.name).cast(f.type).alias(f.name, metadata={"comment": f.comment}) for f in self.fields)
        )


STRING, LONG, INT, DOUBLE, BOOLEAN = T.StringType(), T.LongType(), T.IntegerType(), T.DoubleType(), T.BooleanType()
TIMESTAMP, DATE, STRINGS = T.TimestampType(), T.DateType(), T.ArrayType(T.StringType())
HASHES = T.MapType(STRING, STRING)
