"""Writes that happen once: a repeat under the same identity changes nothing and says so.

* Every write carries its identity in Delta's transaction id; Delta drops a repeat.
* A frame must match the declared table, column by column.
* New columns and wider types evolve a table; any other change is refused unless everything is recomputed.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from delta.tables import DeltaTable
from pyspark.sql import DataFrame

from housing_spark.errors import TableDamagedError
from housing_spark.schemas import Table
from housing_spark.tables.match import check_frame
from housing_spark.tables.warehouse import SEARCHED_COMMITS, Warehouse

# Commits of a few rows: to write a checkpoint, as Delta does after every tenth, takes longer than to read a hundred.
_COMMITS_PER_CHECKPOINT = "100"
_USER_METADATA = "spark.databricks.delta.commitInfo.userMetadata"


@dataclass(frozen=True)
class Written:
    """What a write left behind."""

    table: str
    version: int
    is_new: bool
    metrics: Mapping[str, str]

    @property
    def rows(self) -> int:
        """Rows that the commit wrote, by Delta's own bookkeeping; of a merge, the rows inserted."""
        return int(self.metrics.get("numTargetRowsInserted", self.metrics.get("numOutputRows", 0)))

    @property
    def changed(self) -> int:
        """Rows that are new, or new in their content."""
        return self.rows + int(self.metrics.get("numTargetRowsUpdated", 0))


@dataclass(frozen=True)
class Target:
    """The table that a write goes to, and the identity that it carries."""

    table: Table
    warehouse: Warehouse
    identity: str

    @property
    def path(self) -> str:
        """Folder of the table."""
        return self.warehouse.path(self.table.name)


def append(frame: DataFrame, target: Target) -> Written:
    """Add rows to a table, once per identity."""
    check_frame(frame, target.table, target.warehouse)
    return _save(frame, target, "append", {"mergeSchema": "true"})


def record(frame: DataFrame, table: Table, warehouse: Warehouse) -> None:
    """Add rows that cannot come twice, as they name their run or were looked for before: without an identity.

    To know whether an identity is new, Delta goes through all commits: 0.9 s of the 1.6 s that a small append takes.
    """
    target = Target(table, warehouse, "")
    check_frame(frame, target.table, target.warehouse)
    if warehouse.exists(table.name):
        frame.write.format("delta").mode("append").options(mergeSchema="true").save(target.path)
    else:
        _create(frame, target, {})


def overwrite(frame: DataFrame, target: Target, *, is_full: bool = False, where: str | None = None) -> Written:
    """Replace a table's rows in one commit, once per identity.

    Args:
        frame: The new rows.
        target: The table.
        is_full: Take any new schema, as after ``--full``.
        where: Replace only rows that satisfy this predicate.
    """
    if not is_full:
        check_frame(frame, target.table, target.warehouse)
    return _save(frame, target, "overwrite", {"replaceWhere": where} if where else {"overwriteSchema": "true"})


def merge(frame: DataFrame, target: Target) -> Written:
    """Insert rows, or replace the rows that have their key, once per identity; no rows leave the table as it is."""
    check_frame(frame, target.table, target.warehouse)
    earlier = _earlier(target)
    if earlier is not None:
        return earlier
    write_id, before = _write_id(target.identity), target.warehouse.version(target.table.name)
    condition = " AND ".join(f"kept.{column} = new.{column}" for column in target.table.key)
    with _commit_named(target, write_id):
        kept = DeltaTable.forPath(target.warehouse.spark, target.path).alias("kept")
        kept.merge(frame.alias("new"), condition).whenMatchedUpdateAll().whenNotMatchedInsertAll().execute()
    if target.warehouse.version(target.table.name) == before:  # Delta makes no commit of nothing
        return Written(target.table.name, before, False, {})
    return _written(target, write_id)


def undo_unrecorded(warehouse: Warehouse, table: str, version: int, identity: str) -> None:
    """Restore a table to the version that a record names, where a write of another identity came after it."""
    if warehouse.version(table) == version:
        return
    later = [row for row in warehouse.history(table, SEARCHED_COMMITS) if row["version"] > version]
    writes = [row["userMetadata"] for row in later if '"identity": "' in (row["userMetadata"] or "")]
    if writes and not any(f'"identity": "{identity}"' in write for write in writes):
        DeltaTable.forPath(warehouse.spark, warehouse.path(table)).restoreToVersion(version)


def _save(
    frame: DataFrame, target: Target, mode: Literal["append", "overwrite"], options: Mapping[str, str]
) -> Written:
    write_id = _write_id(target.identity)
    transaction = {"txnAppId": f"housing-{target.table.name}-{target.identity}", "txnVersion": "1"}
    if target.warehouse.exists(target.table.name):
        named = {**transaction, **options, "userMetadata": write_id}
        frame.write.format("delta").mode(mode).options(**named).save(target.path)
    else:
        with _commit_named(target, write_id):
            _create(frame, target, transaction)
    return _written(target, write_id)


def _create(frame: DataFrame, target: Target, transaction: Mapping[str, str]) -> None:
    """The table with its first rows and its comment, in one commit: the plain writer cannot set a comment.

    There is no table yet, by the caller; "or replace" accepts the remains of a first write that was killed.
    """
    place = target.path.replace("`", "``")
    writer = frame.writeTo(f"delta.`{place}`").using("delta").options(**transaction)
    properties = {"comment": target.table.comment} | dict(target.warehouse.properties(target.table.name))
    for name, value in properties.items():
        writer = writer.tableProperty(name, value)
    if target.table.searched:
        writer = writer.tableProperty("delta.dataSkippingStatsColumns", ",".join(target.table.searched))
    if target.table.is_append_only:
        writer = writer.tableProperty("delta.appendOnly", "true")
        writer = writer.tableProperty("delta.checkpointInterval", _COMMITS_PER_CHECKPOINT)
    writer.createOrReplace()


@contextmanager
def _commit_named(target: Target, write_id: str) -> Iterator[None]:
    """The commits made here carry an identity: creating and merging take it from the session, not from an option."""
    conf = target.warehouse.spark.conf
    conf.set(_USER_METADATA, write_id)
    try:
        yield
    finally:
        conf.unset(_USER_METADATA)


def _write_id(identity: str) -> str:
    return json.dumps({"identity": identity, "write": uuid.uuid4().hex})


def _written(target: Target, write_id: str) -> Written:
    table, warehouse = target.table.name, target.warehouse
    newest = warehouse.history(table, 1)[0]
    if newest["userMetadata"] == write_id:
        return Written(table, int(newest["version"]), True, newest["operationMetrics"])
    earlier = _earlier(target)
    if earlier is None:
        raise TableDamagedError(
            "E-TABLE-004", f"{warehouse.dataset}.{table}: the write of {target.identity} is not among its commits"
        )
    return earlier


def _earlier(target: Target) -> Written | None:
    table = target.table.name
    for commit in target.warehouse.history(table, SEARCHED_COMMITS):
        if f'"identity": "{target.identity}"' in (commit["userMetadata"] or ""):
            return Written(table, int(commit["version"]), False, commit["operationMetrics"])
    return None
