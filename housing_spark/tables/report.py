"""What a stage did: counts, tables written, and how it ended."""

import json
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import Row

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
