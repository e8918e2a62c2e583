"""Where the tables of a dataset are, and how they are read at a version that was resolved once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Row, SparkSession

from housing_spark.errors import TableDamagedError
from housing_spark.schemas.models import JOB_RUNS
from housing_spark.session import hadoop_path

_UPKEEP = ("OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES")
SEARCHED_COMMITS = 200


# Folders beside a dataset's tables in which runs work, a subfolder each; nothing in them outlives its run.
CHECKPOINTS, SCRATCH = "_checkpoints", "_scratch"
WORKING_FOLDERS = (CHECKPOINTS, SCRATCH)


def _no_properties(_: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Warehouse:
    """The Delta tables of one dataset, at ``<root>/<dataset>/<table>``; ``properties`` tells those of a new table."""

    spark: SparkSession
    root: str
    dataset: str
    catalog: str | None = None
    properties: Callable[[str], Mapping[str, str]] = _no_properties

    @property
    def location(self) -> str:
        """Folder of the dataset: an absolute path, or a URI as it was given."""
        return f"{_absolute(self.root)}/{self.dataset}"

    @property
    def local_folder(self) -> Path | None:
        """The dataset's folder on this machine's file system; ``None`` on an object store."""
        folder = local_path(self.root)
        return folder and folder / self.dataset

    @property
    def database(self) -> str:
        """Quoted name of the dataset's database in the catalog."""
        return f"`{self.catalog}`.`{self.dataset}`" if self.catalog else f"`{self.dataset}`"

    def tables(self) -> list[str]:
        """Names of the tables that have been written."""
        return [name for name in _folders(self.spark, self.location) if self.exists(name)]

    def path(self, table: str) -> str:
        """Folder of a table."""
        return f"{self.location}/{table}"

    def exists(self, table: str) -> bool:
        """Whether the table has been written at least once."""
        return bool(DeltaTable.isDeltaTable(self.spark, self.path(table)))

    def history(self, table: str, commits: int) -> list[Row]:
        """The newest commits, newest first: version, operation, userMetadata, operationMetrics."""
        history: DataFrame = DeltaTable.forPath(self.spark, self.path(table)).history(commits)
        return history.select("version", "operation", "userMetadata", "operationMetrics").collect()

    def version(self, table: str) -> int:
        """The newest version.

        Raises:
            TableDamagedError: There is no such table.
        """
        return self.versions(table)[0]

    def versions(self, table: str) -> tuple[int, int]:
        """The newest version, and the newest whose commit changed rows: the same rows in other files are the same.

        Raises:
            TableDamagedError: There is no such table.
        """
        if not self.exists(table):
            raise TableDamagedError(
                "E-TABLE-006",
                f"{self.dataset}.{table}: no Delta table at {self.path(table)}; run the earlier stages first",
            )
        newest = self.history(table, 1)[0]
        if newest["operation"] not in _UPKEEP:
            return newest["version"], newest["version"]
        changes = [commit for commit in self.history(table, SEARCHED_COMMITS) if commit["operation"] not in _UPKEEP]
        return newest["version"], changes[0]["version"] if changes else newest["version"]

    def read(self, table: str, version: int | None = None) -> DataFrame:
        """The rows of a table, at a version.

        Raises:
            TableDamagedError: The table or the version cannot be read.
        """
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        try:
            return reader.load(self.path(table))
        except AnalysisException as error:
            cause = str(error).splitlines()[0]
            raise TableDamagedError(
                "E-TABLE-006", f"{self.dataset}.{table} version {version}: cannot be read, {cause}"
            ) from error


def find_warehouses(spark: SparkSession, root: str, catalog: str | None = None) -> list[Warehouse]:
    """Every dataset under a root, on a disk or an object store: a folder with a record of jobs."""
    found = [Warehouse(spark, root, name, catalog) for name in _folders(spark, _absolute(root))]
    return [warehouse for warehouse in found if warehouse.exists(JOB_RUNS.name)]


def _absolute(root: str) -> str:
    return (root if "://" in root else str(Path(root).absolute())).rstrip("/")


def _folders(spark: SparkSession, location: str) -> list[str]:
    """Names of the folders at a location, without hidden ones."""
    system, folder = hadoop_path(spark, location)
    entries = system.listStatus(folder) if system.exists(folder) else []
    names = sorted(str(entry.getPath().getName()) for entry in entries if entry.isDirectory())
    return [name for name in names if not name.startswith(("_", "."))]


def local_path(location: str) -> Path | None:
    """A place on this machine's file system, absolute; ``None`` on an object store."""
    if "://" in location and not location.startswith("file://"):
        return None
    return Path(location.removeprefix("file://")).absolute()
