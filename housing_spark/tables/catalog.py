"""Tables by name: ``<dataset>.<table>`` in the session's catalog, as external tables."""

import re

from housing_spark.errors import ConfigurationError
from housing_spark.tables.warehouse import Warehouse


def table_ddl(warehouse: Warehouse) -> list[str]:
    """The statements that make every table of the dataset known by name."""
    database = warehouse.database
    statements = [f"CREATE DATABASE IF NOT EXISTS {database}"]
    for table in warehouse.tables():
        path = warehouse.path(table).replace("\\", "\\\\").replace("'", "\\'")
        statements.append(f"CREATE TABLE IF NOT EXISTS {database}.`{table}` USING DELTA LOCATION '{path}'")
    return statements


def register_tables(warehouse: Warehouse) -> None:
    """Make every table of the dataset known by name.

    Raises:
        ConfigurationError: A name stands for another location already.
    """
    for statement in table_ddl(warehouse):
        warehouse.spark.sql(statement)
    prefix = warehouse.database
    for table in warehouse.tables():
        row = warehouse.spark.sql(f"DESCRIBE DETAIL {prefix}.`{table}`").select("location").collect()[0]
        if re.sub("^file:/+", "/", row["location"]) != re.sub("^file:/+", "/", warehouse.path(table)):
            raise ConfigurationError(
                "E-CFG-013",
                f"{prefix}.{table}: the catalog has it at {row['location']}, not {warehouse.path(table)}; drop it",
            )
