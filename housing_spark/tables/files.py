"""The data files of tables: which a commit added, which a version holds, and the hash of their bytes."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.errors import TableDamagedError
from housing_spark.session import hadoop_path
from housing_spark.tables.warehouse import Warehouse


def added_files(warehouse: Warehouse, table: str, version: int) -> list[str]:
    """The files that a commit added, as paths from the dataset's folder on.

    Raises:
        TableDamagedError: The commit is not in the table's log.
    """
    actions = read_commit(warehouse, table, version)
    return [f"{table}/{unquote(action['add']['path'])}" for action in actions if "add" in action]


def read_commit(warehouse: Warehouse, table: str, version: int) -> list[dict[str, Any]]:
    """The actions of a commit.

    Raises:
        TableDamagedError: The commit is not in the table's log.
        json.JSONDecodeError: It is torn.
    """
    log = f"{warehouse.path(table)}/_delta_log/{version:020d}.json"
    system, path = hadoop_path(warehouse.spark, log)
    if not system.exists(path):
        name = f"{warehouse.dataset}.{table}"
        raise TableDamagedError("E-TABLE-002", f"{name}: commit {version} is not in its log, {log}; restore the file")
    jvm: Any = warehouse.spark._jvm  # noqa: SLF001  # Hadoop's file system has no Python door
    stream = system.open(path)
    try:
        text = str(jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    finally:
        stream.close()
    return [json.loads(line) for line in text.split("\n") if line.strip()]  # a value may hold other ends of a line


def current_files(warehouse: Warehouse, table: str, version: int | None = None) -> list[str]:
    """The files that a version holds, as paths from the dataset's folder on; there are few beside the rows."""
    paths = (unquote(path) for path in warehouse.read(table, version).inputFiles())
    return ["/".join(path.split("/")[-2:]) for path in paths]


def named_file() -> Column:
    """The same of a column ``path``, as Spark lists files."""
    return F.array_join(F.slice(F.split("path", "/"), -2, 2), "/").alias("file")


def hashed(warehouse: Warehouse, files: Iterable[str]) -> DataFrame:
    """The files with their SHA-256, where they are: columns ``file``, ``bytes``, ``sha256``.

    A file is held in memory as a whole, on the executor that hashes it.
    """
    location = warehouse.location
    read = warehouse.spark.read.format("binaryFile").load([f"{location}/{_escaped(file)}" for file in files])
    return read.select(named_file(), F.col("length").alias("bytes"), F.sha2("content", 256).alias("sha256"))


def _escaped(file: str) -> str:
    """Braces and the like are patterns in a path that Spark reads."""
    return "".join(f"\\{letter}" if letter in "{}[]*?\\" else letter for letter in file)
