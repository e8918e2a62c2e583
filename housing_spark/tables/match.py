"""Whether a frame fits a table: the declaration, column by column, and what was written before."""

from pyspark.sql import DataFrame
from pyspark.sql import types as T

from housing_spark.errors import ConfigurationError, HousingSparkError
from housing_spark.schemas import Table
from housing_spark.tables.warehouse import Warehouse

_WIDER = {
    "int": ("bigint", "double"),
    "float": ("double",),
    "date": ("timestamp",),
}


def check_frame(frame: DataFrame, table: Table, warehouse: Warehouse) -> None:
    """Refuse a frame that is not as the table was declared, or that the table there is cannot take.

    Raises:
        HousingSparkError: The frame has other columns than the declaration.
        ConfigurationError: The table has columns that the declaration changes.
    """
    wanted = {field.name: field.type for field in table.fields}
    given = {field.name: field.dataType for field in frame.schema.fields}
    if wanted != given:
        missing = [f"{name} {kind.simpleString()}" for name, kind in wanted.items() if given.get(name) != kind]
        surplus = [f"{name} {kind.simpleString()}" for name, kind in given.items() if wanted.get(name) != kind]
        raise HousingSparkError("E-TABLE-011", f"{table.name}: add {missing}, remove {surplus}; see schemas/")
    if warehouse.exists(table.name):
        _check_evolution(warehouse.read(table.name).schema, frame.schema, f"{warehouse.dataset}.{table.name}")


def _check_evolution(kept: T.StructType, new: T.StructType, name: str) -> None:
    types = {field.name: field.dataType.simpleString() for field in new.fields}
    for field in kept.fields:
        was, becomes = field.dataType.simpleString(), types.get(field.name)
        if becomes == was or becomes in _WIDER.get(was, ()):
            continue
        change = f"was {was}, now {becomes}" if becomes else f"({was}) is no longer in the contract"
        raise ConfigurationError(
            "E-TABLE-010",
            f"{name}: column {field.name} {change}; give --full to recompute the table, or another dataset name",
        )
