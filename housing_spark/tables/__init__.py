"""Delta in and out: where tables are, how they are read at a version, written once, locked and recorded."""

from housing_spark.tables.catalog import register_tables, table_ddl
from housing_spark.tables.job import Job
from housing_spark.tables.lock import hold
from housing_spark.tables.report import StageReport, done_runs
from housing_spark.tables.run import Run
from housing_spark.tables.warehouse import Warehouse, find_warehouses, local_path

__all__ = [
    "Job",
    "Run",
    "StageReport",
    "Warehouse",
    "done_runs",
    "find_warehouses",
    "hold",
    "local_path",
    "register_tables",
    "table_ddl",
]
