"""A job: what it may read, what its result depends on, and the record it leaves.

The identity of a job is a hash over the versions of the tables it reads, the contract, the settings that matter
to it and the version of its logic. The same identity again writes nothing. The row in ``job_runs`` is written last.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame

from housing_spark.errors import HousingSparkError
from housing_spark.faults import reach
from housing_spark.provenance import command_line, ran_by
from housing_spark.schemas import Table
from housing_spark.schemas.models import JOB_RUNS
from housing_spark.tables.files import added_files, hashed
from housing_spark.tables.report import APPLIED, DONE, FAILED, StageReport
from housing_spark.tables.write import Target, Written, append, merge, overwrite, record, undo_unrecorded

if TYPE_CHECKING:
    from housing_spark.tables.run import Run

_LOG = logging.getLogger(__name__)


class Job:
    """A running job; a context manager that records how it ended."""

    def __init__(
        self, run: "Run", report: StageReport, versions: dict[str, tuple[int, int]], lasting: dict[str, Any]
    ) -> None:
        """Use ``Run.once``; the identity names the versions at which rows last changed, the newest are read."""
        self.run = run
        self.report = report
        self.versions = {table: newest for table, (newest, _) in versions.items()}
        self.arguments = {"reads": {table: changed for table, (_, changed) in versions.items()}, **lasting}
        self.basis = _hash({"job": report.job, **lasting})
        self.identity = _hash({"job": report.job, **self.arguments})
        self._started_at = datetime.now(UTC)
        self._commits: list[tuple[str, int]] = []
        self._last = run.done.get(report.job)
        # The same identity may come back after another one, or be asked for in full: it must then be written again.
        full = run.run_id if run.is_full else None
        self.write_identity = _hash([self.identity, self._last and self._last["run_id"], full])
        self.study = _hash([self.identity, full]) if full else self.identity

    def __enter__(self) -> "Job":
        """A job whose identity was the last that was done is marked as applied."""
        if self._last is not None and self._last["identity"] == self.identity and not self.run.is_full:
            self.report = replace(StageReport.from_row(self._last), status=APPLIED)
        reach(f"{self.report.job}/started")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the record, last."""
        ended_at = datetime.now(UTC)
        self.report = replace(self.report, seconds=(ended_at - self._started_at).total_seconds())
        if error is None:
            self._record(ended_at)
        elif isinstance(error, Exception):
            self._record_failure(error, ended_at)

    @property
    def is_applied(self) -> bool:
        """Whether the same identity was done before."""
        return self.report.status == APPLIED

    def read(self, table: str) -> DataFrame:
        """A table at the version that was resolved when the job started."""
        return self.run.warehouse.read(table, self.versions[table])

    def append(self, frame: DataFrame, table: Table, part: str = "") -> Written:
        """Add rows to a table, once; ``part`` tells several appends of one job apart."""
        return self._note(append(frame, self._target(table, part)))

    def record(self, frame: DataFrame, table: Table) -> None:
        """Add rows that cannot come twice: they name this run, or were looked for before."""
        self._reach("before", table.name)
        record(frame, table, self.run.warehouse)
        self.note(table.name, self.run.warehouse.version(table.name))

    def overwrite(self, frame: DataFrame, table: Table, where: str | None = None) -> Written:
        """Replace a table's rows, or those that satisfy a predicate, once and in one commit."""
        return self._note(overwrite(frame, self._target(table), is_full=self.run.is_full, where=where))

    def merge(self, frame: DataFrame, table: Table) -> Written:
        """Insert rows or replace those of the same key, once."""
        return self._note(merge(frame, self._target(table)))

    def take_back(self, table: Table, where: str) -> None:
        """Give the rows of a predicate back as they were before this job wrote the table."""
        warehouse, version = self.run.warehouse, self.report.tables[table.name]
        before = warehouse.read(table.name, version - 1) if version else warehouse.read(table.name).limit(0)
        target = self._target(table, f"back-{version}")
        self._note(overwrite(before.where(where), target, is_full=False, where=where))

    def rows(self, table: Table, rows: Sequence[dict[str, Any]]) -> DataFrame:
        """A few rows of the driver as a frame of a table."""
        return table.frame(self.run.spark, rows)

    def finish(self, **figures: Any) -> None:
        """Note what was counted and found."""
        self.report = replace(self.report, **figures)

    def note(self, table: str, version: int) -> None:
        """Note a commit of this job: the record names the table's version, and the hashes of the files it added."""
        self.report = replace(self.report, tables=self.report.tables | {table: version})
        self._commits.append((table, version))
        self._reach("after", table)

    def _target(self, table: Table, part: str = "") -> Target:
        """Where a write that begins now goes, under this job's identity."""
        self._reach("before", table.name)
        return Target(table, self.run.warehouse, f"{self.write_identity}{part and '-'}{part}")

    def _reach(self, side: str, table: str) -> None:
        reach(f"{self.report.job}/{side}/{table}")

    def _note(self, written: Written) -> Written:
        self.note(written.table, written.version)
        return written

    def already_applied(self) -> None:
        """Mark the job as having nothing new to do."""
        self.report = replace(self.report, status=APPLIED)

    @property
    def continues(self) -> StageReport | None:
        """The last report that this job can add to: the same but for the versions of the tables read."""
        if self._last is None or self._last["basis"] != self.basis or self.run.is_full:
            return None
        return StageReport.from_row(self._last)

    def resume(self, *tables: str) -> StageReport | None:
        """The last report that this job can add to, with the tables as it left them.

        What a job of another identity wrote to them since, and did not live to record, is undone.
        """
        before = self.continues
        if before is None:
            return None
        for table in tables:
            undo_unrecorded(self.run.warehouse, table, before.tables[table], self.write_identity)
        return before

    def _record_failure(self, error: Exception, ended_at: datetime) -> None:
        """Where there are tables; what hinders the record must not hide the failure itself."""
        said = str(error) if isinstance(error, HousingSparkError) else f"{type(error).__name__}: {error}".split("\n")[0]
        self.report = replace(self.report, status=FAILED, error=said)
        try:
            if self.run.warehouse.exists(JOB_RUNS.name):
                self._record(ended_at)
        except Exception as hindrance:  # noqa: BLE001  # Spark itself may be gone
            cause = next(iter(str(hindrance).splitlines()), type(hindrance).__name__)
            _LOG.warning("%s: its failure could not be written to job_runs, %s", self.report.job, cause)
            _LOG.debug("what hindered it", exc_info=True)

    def _record(self, ended_at: datetime) -> None:
        report = self.report
        files = self._hashed_files() if report.status == DONE else {}
        row = {
            "run_id": self.run.run_id, "job": report.job, "identity": self.identity,
            "basis": self.basis, "arguments": json.dumps(self.arguments, sort_keys=True), "status": report.status,
            "rows_in": report.rows_in, "rows_out": report.rows_out, "rows_quarantined": report.rows_quarantined,
            "rows_duplicate": report.rows_duplicate, "tables": json.dumps(report.tables),
            "details": json.dumps(report.details), "error": report.error, "files": files,
            "versions": json.dumps(self.versions), "ran_by": ran_by(), "command": command_line(),
            "started_at": self._started_at, "ended_at": ended_at,
        }  # fmt: skip
        counts = f"{report.rows_in:,} rows in, {report.rows_out:,} out, {report.rows_quarantined:,} set aside"
        fields = {"job": report.job, "status": report.status, "seconds": report.seconds, "tables": report.tables}
        _LOG.info("%s: %s, %s, %.1f s", report.job, report.status, counts, report.seconds, extra={"fields": fields})
        reach(f"{report.job}/record")
        record(self.rows(JOB_RUNS, [row]), JOB_RUNS, self.run.warehouse)
        if report.status == DONE:
            self.run.done[report.job] = row

    def _hashed_files(self) -> dict[str, str]:
        """The SHA-256 of every file that this job's commits added."""
        warehouse = self.run.warehouse
        files = [file for table, version in self._commits for file in added_files(warehouse, table, version)]
        return {row["file"]: row["sha256"] for row in hashed(warehouse, files).collect()} if files else {}


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
