"""Export of predictions, streamed through the driver in bounded memory: to a CSV file, or to an SQL database."""

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from housing_spark import views
from housing_spark.errors import ConfigurationError
from housing_spark.schemas import Field, Table
from housing_spark.schemas.models import SCORING_RUNS
from housing_spark.serving import Database, Loaded
from housing_spark.tables import Warehouse

# What the driver holds at a time, about 20 MB.
_ROWS_IN_MEMORY = 50_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export_to_database(warehouse: Warehouse, database: Database, name: str, *, is_all: bool) -> Loaded:
    """Bring a table of a database up to date with the predictions.

    Args:
        warehouse: The dataset's tables.
        database: The target.
        name: Its table; made with comments where it is missing.
        is_all: Every prediction of every finished run, by ``prediction_id``; else the newest of each home, by
            ``row_key``.

    Raises:
        TableDamagedError: Nothing has been priced yet.
    """
    warehouse.version(SCORING_RUNS.name)
    predictions = _flat(_finished(warehouse) if is_all else _newest(warehouse))
    fields = tuple(Field(f.name, f.dataType, f.metadata.get("comment", "")) for f in predictions.schema.fields)
    comment = "Every price of every home" if is_all else "The newest price of each home"
    key = "prediction_id" if is_all else "row_key"
    return database.upsert(Table(name, comment, fields, key=(key,)), _rows(predictions))


def export_to_csv(predictions: DataFrame, output: str) -> int:
    """Write predictions as one CSV file in order of ``prediction_id``, times in UTC; returns the rows.

    Texts that a spreadsheet would run as a formula get a leading apostrophe. The file appears whole or not at all.

    Raises:
        ConfigurationError: The file exists.
    """
    if Path(output).exists():
        raise ConfigurationError("E-CLI-005", f"--export {output}: exists already; give a new name")
    partial, rows, predictions = Path(f"{output}.partial"), 0, _flat(predictions)
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(predictions.columns)
        for row in _rows(predictions):
            writer.writerow([_as_data(value) for value in row])
            rows += 1
    partial.rename(output)
    return rows


def _flat(predictions: DataFrame) -> DataFrame:
    """The same with lists as JSON: neither a CSV file nor every database has a type for them."""
    fields = predictions.schema.fields
    texts = {f.name: F.to_json(f.name).alias(f.name, metadata=f.metadata) for f in fields if _is_list(f)}
    return predictions.select(*(texts.get(f.name, f.name) for f in fields))


def _is_list(field: T.StructField) -> bool:
    return isinstance(field.dataType, T.ArrayType)


def _as_data(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _newest(warehouse: Warehouse) -> DataFrame:
    views.register(warehouse, "predictions_latest")
    return views.answer(warehouse, "predictions_latest")


def _finished(warehouse: Warehouse) -> DataFrame:
    runs = warehouse.read(SCORING_RUNS.name).select("scoring_run_id")
    predictions = warehouse.read("predictions")
    return predictions.join(runs, on="scoring_run_id", how="left_semi").select(*predictions.columns)


def _rows(predictions: DataFrame) -> Iterator[list[Any]]:
    """The rows in order, a part at a time: as many parts as keep each about within the bound."""
    parts = max(1, math.ceil(predictions.count() / _ROWS_IN_MEMORY))
    ordered = predictions.repartitionByRange(parts, "prediction_id").sortWithinPartitions("prediction_id")
    for row in ordered.toLocalIterator():
        yield [_in_utc(value) for value in row]


def _in_utc(value: Any) -> Any:
    """Spark gives times in the time zone of this process, without saying so."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value
