"""What a stage did: counts, tables written, and how it ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.schemas.models import JOB_RUNS
from housing_spark.tables.warehouse import Warehouse

DONE, APPLIED, FAILED = "done", "already applied", "failed"
_COUNTS = ("rows_in", "rows_out", "rows_quarantined", "rows_duplicate")


@dataclass(frozen=True)
class StageReport:
    """What a stage did."""

    job: str
    status: str = DONE
    rows_in: int = 0
    rows_out: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "StageReport":
        """The report of a row of ``job_runs``."""
        counts = {name: row[name] for name in _COUNTS}
        return cls(row["job"], tables=json.loads(row["tables"]), details=json.loads(row["details"]), **counts)


def done_runs(warehouse: Warehouse, job: str) -> DataFrame:
    """The rows of ``job_runs`` of the jobs of that name that did something."""
    return warehouse.read(JOB_RUNS.name).where((F.col("job") == job) & (F.col("status") == DONE))


def last_done(warehouse: Warehouse) -> dict[str, Mapping[str, Any]]:
    """The rows of ``job_runs`` of the newest job of each name that did something, by name; there are few names."""
    if not warehouse.exists(JOB_RUNS.name):
        return {}
    done = warehouse.read(JOB_RUNS.name).where(F.col("status") == DONE).drop("files")  # as many as were written
    newest = done.groupBy("job").agg(F.max_by(F.struct("*"), "ended_at").alias("run")).collect()
    return {row["job"]: row["run"].asDict() for row in newest}
