"""Looking after one table: files of a good size, sorted for queries, and none that nothing names any more."""

from collections.abc import Iterable, Mapping, Sequence

from delta.tables import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.tables.files import current_files, named_file
from housing_spark.tables.warehouse import Warehouse

_FILE_SIZE = ("spark.databricks.delta.optimize.maxFileSize", "spark.databricks.delta.optimize.minFileSize")
_INVENTORY = "housing_inventory"
_MEGABYTE = 1 << 20


def keep_for(warehouse: Warehouse, table: str, properties: Mapping[str, str]) -> None:
    """Give a table properties that it does not have yet."""
    place = _quoted(warehouse, table)
    rows = warehouse.spark.sql(f"SHOW TBLPROPERTIES {place}").collect()  # a table has few
    known = {row["key"]: row["value"] for row in rows}
    missing = {name: value for name, value in properties.items() if known.get(name) != value}
    if missing:
        pairs = ", ".join(f"'{name}' = '{value}'" for name, value in missing.items())
        warehouse.spark.sql(f"ALTER TABLE {place} SET TBLPROPERTIES ({pairs})")


def compact(warehouse: Warehouse, table: str, file_mb: int, cluster_by: Sequence[str]) -> None:
    """Bring files to about a size; the rows stay what they are.

    Args:
        warehouse: Where the table is.
        table: Its name.
        file_mb: Size of a file, MiB.
        cluster_by: Columns by which rows are sorted (in Z-order) first; all files are written anew then.
    """
    conf = warehouse.spark.conf
    for name in _FILE_SIZE:
        conf.set(name, str(file_mb * _MEGABYTE))
    try:
        optimize = DeltaTable.forPath(warehouse.spark, warehouse.path(table)).optimize()
        if cluster_by:
            optimize.executeZOrderBy(*cluster_by)
        else:
            optimize.executeCompaction()
    finally:
        for name in _FILE_SIZE:
            conf.unset(name)


def vacuum(warehouse: Warehouse, table: str, pinned: Iterable[int]) -> None:
    """Delete files that neither the newest version has, nor a pinned one, nor any that left the table lately.

    Delta is given an inventory of the folder without the files of pinned versions, and deletes nothing beside it.
    """
    files = data_files(warehouse, table)
    kept = sorted({file for version in pinned for file in current_files(warehouse, table, version)})
    if kept:
        names = warehouse.spark.createDataFrame([(file,) for file in kept], "file string")
        files = files.join(names, on="file", how="left_anti")
    files.drop("file").createOrReplaceTempView(_INVENTORY)
    try:
        inventory = f"(TABLE {_INVENTORY})"
        warehouse.spark.sql(f"VACUUM {_quoted(warehouse, table)} USING INVENTORY {inventory}")
    finally:
        warehouse.spark.catalog.dropTempView(_INVENTORY)


def orphans(warehouse: Warehouse, table: str) -> DataFrame:
    """Data files with rows that no commit names, as a killed write leaves them: ``file``, ``length``.

    Spark writes a file for no rows too, which Delta does not take: those are not among them, nor files without an end.
    """
    log = f"{warehouse.path(table)}/_delta_log"
    spark, add = warehouse.spark, "add struct<path: string>, remove struct<path: string>"
    commits = spark.read.schema(add).option("pathGlobFilter", "*.json").json(log)
    kept = spark.read.schema(add).option("pathGlobFilter", "*.checkpoint*.parquet").parquet(log)
    named = commits.unionByName(kept).select(F.explode(F.array("add.path", "remove.path")).alias("path"))
    names = named.select(F.concat(F.lit(f"{table}/"), "path").alias("file"))
    unnamed = data_files(warehouse, table).join(names, on="file", how="left_anti")
    paths = [row["path"] for row in unnamed.select("path").collect()]  # of files, not of rows
    if not paths:
        return unnamed.select("file", "length")
    readable = spark.read.option("ignoreCorruptFiles", "true").schema("row_key string").parquet(*paths)
    with_rows = readable.select(F.col("_metadata.file_path").alias("path")).select(named_file()).distinct()
    return unnamed.join(with_rows, on="file", how="left_semi").select("file", "length")


def data_files(warehouse: Warehouse, table: str) -> DataFrame:
    """The files in a table's folder, as Delta wants an inventory, and their ``file``; nobody reads their content."""
    listed = warehouse.spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(warehouse.path(table))
    return listed.select(
        F.col("path"),
        F.col("length"),
        F.when(F.col("path").isNotNull(), False).alias("isDir"),  # Delta wants it to allow null
        F.unix_millis("modificationTime").alias("modificationTime"),
        named_file(),
    )


def _quoted(warehouse: Warehouse, table: str) -> str:
    place = warehouse.path(table).replace("`", "``")
    return f"delta.`{place}`"
