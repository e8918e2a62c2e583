"""Tables by name: ``<dataset>.<table>`` in the session's catalog, as external tables."""

import re
from collections.abc import Iterable, Sequence

from housing_spark.errors import ConfigurationError
from housing_spark.tables.warehouse import Warehouse


def table_ddl(warehouse: Warehouse, tables: Iterable[str]) -> list[str]:
    """The statements that make tables of the dataset known by name."""
    database = warehouse.database
    statements = [f"CREATE DATABASE IF NOT EXISTS {database}"]
    for table in tables:
        path = warehouse.path(table).replace("\\", "\\\\").replace("'", "\\'")
        statements.append(f"CREATE TABLE IF NOT EXISTS {database}.`{table}` USING DELTA LOCATION '{path}'")
    return statements


def register_tables(warehouse: Warehouse, tables: Sequence[str]) -> None:
    """Make tables of the dataset known by name.

    Raises:
        ConfigurationError: A name stands for another location already.
    """
    for statement in table_ddl(warehouse, tables):
        warehouse.spark.sql(statement)
    for table in tables:
        name = f"{warehouse.database}.{table}"
        described = warehouse.spark.sql(f"DESCRIBE EXTENDED {warehouse.database}.`{table}`")
        location = described.where("col_name = 'Location'").collect()[0]["data_type"]
        if re.sub("^file:/+", "/", location) != re.sub("^file:/+", "/", warehouse.path(table)):
            raise ConfigurationError(
                "E-CFG-013", f"{name}: the catalog has it at {location}, not {warehouse.path(table)}; drop it"
            )
