"""Delta in and out: where tables are, how they are read at a version, written once, locked and recorded."""

from housing_spark.tables import upkeep
from housing_spark.tables.catalog import register_tables, table_ddl
from housing_spark.tables.damage import check_logs, damage_told
from housing_spark.tables.files import current_files, hashed
from housing_spark.tables.job import Job
from housing_spark.tables.lock import hold
from housing_spark.tables.report import StageReport, done_runs
from housing_spark.tables.run import Run
from housing_spark.tables.warehouse import CHECKPOINTS, SCRATCH, WORKING_FOLDERS, Warehouse, find_warehouses, local_path

__all__ = [
    "CHECKPOINTS",
    "SCRATCH",
    "WORKING_FOLDERS",
    "Job",
    "Run",
    "StageReport",
    "Warehouse",
    "check_logs",
    "current_files",
    "damage_told",
    "done_runs",
    "find_warehouses",
    "hashed",
    "hold",
    "local_path",
    "register_tables",
    "table_ddl",
    "upkeep",
]
