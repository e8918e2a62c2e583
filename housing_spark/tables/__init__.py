"""Delta in and out: where tables are, how they are read at a version, written once, locked and recorded."""

from housing_spark.tables.catalog import register_tables, table_ddl
from housing_spark.tables.job import Job
from housing_spark.tables.lock import hold
from housing_spark.tables.report import DONE, StageReport
from housing_spark.tables.run import Run
from housing_spark.tables.warehouse import Warehouse, find_warehouses, local_path

__all__ = [
    "DONE",
    "Job",
    "Run",
    "StageReport",
    "Warehouse",
    "find_warehouses",
    "hold",
    "local_path",
    "register_tables",
    "table_ddl",
]
