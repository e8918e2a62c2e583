"""What a stage did: counts, tables written, and how it ended."""

import json
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame, Row
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
    def from_row(cls, row: Row) -> "StageReport":
        """The report of a row of ``job_runs``."""
        counts = {name: row[name] for name in _COUNTS}
        return cls(row["job"], tables=json.loads(row["tables"]), details=json.loads(row["details"]), **counts)


def done_runs(warehouse: Warehouse, job: str) -> DataFrame:
    """The rows of ``job_runs`` of the jobs of that name that did something."""
    return warehouse.read(JOB_RUNS.name).where((F.col("job") == job) & (F.col("status") == DONE))


def last_done(warehouse: Warehouse, job: str) -> Row | None:
    """The row of ``job_runs`` of the newest job of that name that did something; ``None``: there is none."""
    if not warehouse.exists(JOB_RUNS.name):
        return None
    newest = done_runs(warehouse, job).orderBy(F.col("ended_at").desc()).limit(1).collect()
    return newest[0] if newest else None
