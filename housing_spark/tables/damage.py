"""Damaged tables: told at the start of a command where logs show it, and in one line where reading meets it."""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from housing_spark.errors import ResourceMissingError, TableDamagedError
from housing_spark.schemas.models import JOB_RUNS
from housing_spark.session import hadoop_path
from housing_spark.tables.files import read_commit
from housing_spark.tables.report import StageReport
from housing_spark.tables.warehouse import Warehouse

_COMMIT = re.compile(r"^(\d{20})\.json$")
_CHECKPOINT = re.compile(r"^(\d{20})\.checkpoint\b")
_FILE = re.compile(r"file:/+(\S+?\.(?:parquet|json))")
if TYPE_CHECKING:
    from housing_spark.tables.run import Run

_PARQUET = b"PAR1"
_NO_SPACE = "No space left on device"
_GAPS = ("DELTA_VERSIONS_NOT_CONTIGUOUS", "DELTA_TRUNCATED_TRANSACTION_LOG")
_MARKS = (*_GAPS, "FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "JsonMappingException", "DELTA_FILE_NOT_FOUND")
_REPAIR = "restore the file from a copy, or recompute the table with --full"


def check_logs(run: "Run") -> None:
    """Refuse to work on tables whose logs are torn, or older than the record of jobs says.

    Raises:
        TableDamagedError: Before anything is written: Delta itself would add to such a table, or begin a new one.
    """
    warehouse = run.warehouse
    newest = _newest_version(warehouse, JOB_RUNS.name)
    if newest is None:
        if "clean" in warehouse.tables():
            raise _gone(warehouse, JOB_RUNS.name)
        return
    for table, recorded in _recorded(run.done).items():
        found = _newest_version(warehouse, table)
        if found is None:
            raise _gone(warehouse, table)
        if found < recorded:
            raise TableDamagedError(
                "E-TABLE-004", f"{warehouse.dataset}.{table}: its newest version is {found}, jobs wrote version "
                f"{recorded}; commits are missing from {warehouse.path(table)}/_delta_log, {_REPAIR}"
            )  # fmt: skip


@contextmanager
def damage_told(warehouse: Warehouse) -> Iterator[None]:
    """Turn what Spark says of a damaged table or a full disk into one line that names the file.

    Raises:
        TableDamagedError: A file of the dataset's tables is missing or cannot be read.
        ResourceMissingError: There is no space left.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException, OSError) as error:
        told = _full_disk(str(error), warehouse) or _damage_of(str(error), warehouse)
        if told is None:
            raise
        raise told from error


def _full_disk(text: str, warehouse: Warehouse) -> ResourceMissingError | None:
    if _NO_SPACE not in text:
        return None
    folder = warehouse.local_folder
    free = f", {shutil.disk_usage(folder).free:,} bytes are free" if folder else ""
    return ResourceMissingError(
        "E-RES-001", f"{warehouse.location}: no space left on the device{free}; make room there, or where Spark "
        "keeps its own files (spark.local.dir), and run the same command again"
    )  # fmt: skip


def _damage_of(text: str, warehouse: Warehouse) -> TableDamagedError | None:
    mark = next((one for one in _MARKS if one in text), None)
    files = [f"/{unquote(file)}" for file in _FILE.findall(text)]
    ours = next((file for file in files if file.startswith(f"{warehouse.location}/")), None)
    if mark is None or ours is None:
        return None
    name = f"{warehouse.dataset}.{ours.removeprefix(warehouse.location).split('/')[1]}"
    if mark in _GAPS:
        return TableDamagedError("E-TABLE-002", f"{name}: commits are missing from its log beside {ours}; {_REPAIR}")
    if ".checkpoint" in ours:
        return _unreadable_checkpoint(name, ours)
    if "_delta_log" in ours:
        return TableDamagedError("E-TABLE-001", f"{name}: the commit {ours} cannot be read; {_REPAIR}")
    cause = "is missing" if "FILE_NOT_EXIST" in text or "FILE_NOT_FOUND" in text else "cannot be read"
    return TableDamagedError("E-TABLE-003", f"{name}: the file {ours} {cause}; {_REPAIR}")


def _unreadable_checkpoint(name: str, file: str) -> TableDamagedError:
    way_out = "delete it with _last_checkpoint beside it where all commits before it are there, else restore it"
    return TableDamagedError("E-TABLE-005", f"{name}: the checkpoint {file} cannot be read; {way_out}")


def _recorded(done: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
    """The newest version of each table that the last jobs of each name wrote."""
    newest: dict[str, int] = {}
    for row in done.values():
        for table, version in StageReport.from_row(row).tables.items():
            newest[table] = max(version, newest.get(table, version))
    return newest


def _newest_version(warehouse: Warehouse, table: str) -> int | None:
    """The newest version by the names in the log, whose commit can be read; ``None``: there is no log.

    Raises:
        TableDamagedError: The newest commit or checkpoint is torn, or a commit is not there.
    """
    system, folder = hadoop_path(warehouse.spark, f"{warehouse.path(table)}/_delta_log")
    entries = system.listStatus(folder) if system.exists(folder) else []
    names = {str(entry.getPath().getName()): entry for entry in entries}
    versions = _versions(_COMMIT, names)
    if not versions:
        return None
    first = max(_versions(_CHECKPOINT, names), default=-1) + 1
    newest = [name for name in names if _versions(_CHECKPOINT, [name]) == {first - 1}]
    torn = next((name for name in newest if not _is_whole(system, names[name])), None)
    if torn:  # Spark may look past it, other readers of Delta do not
        raise _unreadable_checkpoint(f"{warehouse.dataset}.{table}", f"{folder}/{torn}")
    lost = sorted(set(range(first, max(versions))) - versions)
    if lost:
        raise TableDamagedError(
            "E-TABLE-002", f"{warehouse.dataset}.{table}: commit {lost[0]} is not in its log; {_REPAIR}"
        )
    try:
        read_commit(warehouse, table, max(versions))
    except json.JSONDecodeError as error:
        raise TableDamagedError(
            "E-TABLE-001", f"{warehouse.dataset}.{table}: the commit {max(versions)} cannot be read; {_REPAIR}"
        ) from error
    return max(versions)


def _is_whole(system: Any, checkpoint: Any) -> bool:
    """Whether a checkpoint (a Java file status) has its end: the mark that closes a Parquet file."""
    size, path = int(checkpoint.getLen()), checkpoint.getPath()
    if not path.getName().endswith(".parquet"):
        return size > 0
    if size < len(_PARQUET):
        return False
    stream = system.open(path)
    try:
        stream.seek(size - len(_PARQUET))
        return bytes(stream.read() for _ in _PARQUET) == _PARQUET
    finally:
        stream.close()


def _versions(pattern: re.Pattern[str], names: Iterable[str]) -> set[int]:
    return {int(found[1]) for name in names if (found := pattern.match(name))}


def _gone(warehouse: Warehouse, table: str) -> TableDamagedError:
    return TableDamagedError(
        "E-TABLE-006", f"{warehouse.dataset}.{table}: jobs wrote it, and there is no Delta log at "
        f"{warehouse.path(table)}; restore the folder, or give another --warehouse"
    )  # fmt: skip
