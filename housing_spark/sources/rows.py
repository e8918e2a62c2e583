"""Rows as text, by the names of the contract, each with the file it came from.

Nothing is parsed here: a typed source is turned into text too, so that bronze looks the same for every format.
"""

import os
import re
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import groupby

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from housing_spark.contract import Contract
from housing_spark.hashing import fingerprint
from housing_spark.schemas.sales import CORRUPT_RECORD
from housing_spark.session import hadoop_path
from housing_spark.sources.content import has_header, separator_of
from housing_spark.sources.files import InputFile, check_names
from housing_spark.sources.personal import without_personal

_FILE_PATH = "_metadata.file_path"
_SOURCE = "_source_path"
_WHOLE_FILE_OPTIONS = {"multiLine", "encoding", "charset", "lineSep"}


def read_rows(spark: SparkSession, files: Sequence[InputFile], contract: Contract, pii_key: str) -> DataFrame:
    """Every row of the files as text: contract columns, corrupt record, and the file's name, identity and row hash.

    Args:
        spark: The session.
        files: Files that ``inspect_files`` let in.
        contract: Format, reader options and column names.
        pii_key: Name of the environment variable with the key of personal values.
    """
    by_header = groupby(sorted(files, key=lambda file: file.header), key=lambda file: file.header)
    parts = [_read_part(spark, header, list(group), contract) for header, group in by_header]
    rows = without_personal(reduce(DataFrame.unionByName, parts), contract, pii_key, os.environ)
    joined = rows.join(F.broadcast(_known_files(spark, files, contract)), on=_SOURCE, how="left")  # unique per path
    stray = F.raise_error(F.concat(F.lit("a row of no input file: "), _SOURCE))
    return joined.withColumns(
        {
            "source_row_hash": fingerprint([*sorted(contract.columns), CORRUPT_RECORD]),
            "source_file": F.coalesce("source_file", stray.cast("string")),
        }
    )


def _known_files(spark: SparkSession, files: Sequence[InputFile], contract: Contract) -> DataFrame:
    is_delta = contract.source.format == "delta"
    rows = [
        {_SOURCE: path, "source_file": file.name, "source_file_hash": file.identity}
        for file in files
        for path in ([file.path] if is_delta else _spellings(spark, file.path))
    ]
    return spark.createDataFrame(pa.Table.from_pylist(rows))


def _spellings(spark: SparkSession, path: str) -> Sequence[str]:
    """The path as Spark's file metadata may have it."""
    system, java_path = hadoop_path(spark, path)
    spelled = str(system.makeQualified(java_path).toUri().toString())
    tail = re.sub(r"^file:/+", "", spelled)
    return (spelled,) if tail == spelled else (f"file:/{tail}", f"file:///{tail}")


def _read_part(spark: SparkSession, header: Sequence[str], files: list[InputFile], contract: Contract) -> DataFrame:
    paths = [file.path for file in files]
    if contract.source.format == "csv":
        return _read_csv(spark, header, paths, contract)
    if contract.source.format == "json":
        return _read_json(spark, header, paths, contract)
    if contract.source.format == "parquet":
        frame = spark.read.options(**contract.source.options).parquet(*paths)
        return _as_text(frame, frame.columns, contract, F.col(_FILE_PATH))
    frame = spark.read.format("delta").options(**contract.source.options).load(paths[0])
    check_names(paths[0], frame.columns, contract, is_label_optional=True)
    return _as_text(frame, frame.columns, contract, F.lit(paths[0]))


def _read_csv(spark: SparkSession, header: Sequence[str], paths: list[str], contract: Contract) -> DataFrame:
    names = [f"_{position}" for position in range(len(header))]
    schema = T.StructType([T.StructField(name, T.StringType()) for name in (*names, CORRUPT_RECORD)])
    ddl = ", ".join(f"`{name}` STRING" for name in schema.names)
    options = {"escape": '"', "columnNameOfCorruptRecord": CORRUPT_RECORD, "mode": "PERMISSIVE"}
    options |= contract.source.options
    if options.keys() & _WHOLE_FILE_OPTIONS:
        frame = spark.read.schema(schema).options(**{"header": "true"} | options).csv(paths)
        return _as_text(frame, header, contract, F.col(_FILE_PATH), physical=names)
    lines = spark.read.text(paths).select(F.ltrim("value", F.lit("\ufeff")).alias("value"), F.col(_FILE_PATH))
    rows = lines.where((F.trim("value") != "") & ~_is_header(header, options))
    parsed = rows.select(F.from_csv("value", ddl, options).alias("row"), "value", "file_path")
    quote = options.get("quote", '"')
    quotes = F.length("value") - F.length(F.replace("value", F.lit(quote), F.lit("")))
    # Spark's reader closes a last quote by itself; the raw line shows that it was open.
    is_open = F.contains("value", F.lit(quote)) & (quotes % 2 == 1)
    corrupt = F.when(is_open, F.col("value")).otherwise(F.col(f"row.{CORRUPT_RECORD}"))
    frame = parsed.select(*(F.col(f"row.{name}") for name in names), corrupt.alias(CORRUPT_RECORD), "file_path")
    return _as_text(frame, header, contract, F.col("file_path"), physical=names)


def _is_header(header: Sequence[str], options: Mapping[str, str]) -> Column:
    """Whether a line is the header; no row that is all column names is a sale."""
    if not has_header(options):
        return F.lit(False)
    names = F.split(F.replace("value", F.lit('"'), F.lit("")), re.escape(separator_of(options)))
    # Few lines have the first name in them, and to split a line takes longer than to look.
    return F.contains("value", F.lit(header[0])) & (names == F.array(*(F.lit(name) for name in header)))


def _read_json(spark: SparkSession, header: Sequence[str], paths: list[str], contract: Contract) -> DataFrame:
    known = {name.lower(): name for name in contract.file_names}
    seen = {name.strip().lower(): name for name in header}
    names = [seen.get(lower, name) for lower, name in known.items()]  # an optional field may come late in a file
    schema = T.StructType([T.StructField(name, T.StringType()) for name in (*names, CORRUPT_RECORD)])
    lines = spark.read.text(paths).where(F.trim("value") != "")
    parsed = F.from_json("value", schema, {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT_RECORD})
    fields = F.json_object_keys("value")
    is_odd = fields.isNull() | (F.size(fields) != F.size(F.array_distinct(fields)))
    if contract.extra_columns == "refuse":
        is_odd |= F.exists(fields, lambda field: ~F.lower(field).isin(*known))
    corrupt = F.when(is_odd, F.col("value")).otherwise(F.col(f"_row.{CORRUPT_RECORD}"))
    frame = lines.select(parsed.alias("_row"), "value", F.col(_FILE_PATH).alias(_SOURCE))
    rows = frame.select("_row.*", corrupt.alias("_odd"), _SOURCE).drop(CORRUPT_RECORD)
    return _as_text(rows.withColumnRenamed("_odd", CORRUPT_RECORD), names, contract, F.col(_SOURCE))


def _as_text(
    frame: DataFrame, header: Sequence[str], contract: Contract, path: Column, physical: Sequence[str] | None = None
) -> DataFrame:
    """The contract's columns by name, whatever their order in the file; a column the file lacks is null."""
    positions = {name.strip().lower(): here for name, here in zip(header, physical or header, strict=True)}
    columns = []
    for file_name, name in contract.file_names.items():
        here = positions.get(file_name.lower())
        text = F.col(f"`{here}`").cast("string") if here is not None else F.lit(None).cast("string")
        columns.append(text.alias(name))
    corrupt = F.col(CORRUPT_RECORD) if CORRUPT_RECORD in frame.columns else F.lit(None).cast("string")
    return frame.select(*columns, corrupt.alias(CORRUPT_RECORD), path.alias(_SOURCE))
