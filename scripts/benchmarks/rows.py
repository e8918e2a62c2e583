"""Rows of the synthetic market as an engine sees them: twelve features in a vector, two of them categories."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.materializing import checkpoints
from housing_spark.session import start_session
from housing_spark.settings import load_settings
from housing_spark.settings.training import Training
from housing_spark.sources import market_sales
from housing_spark.training.prepare import Folds, laid_out

VECTOR = "vector"
NUMBERS = (
    "living_area_m2", "lot_area_m2", "rooms", "built", "condition", "km_to_coast", "school_score", "latitude",
    "longitude", "day",
)  # fmt: skip
CATEGORIES = ("city", "dwelling")
MASTER = os.environ.get("BENCH_MASTER", "local[2]")
# For millions of rows: well compiled code, and memory.
_SPARK = {
    "spark.master": MASTER, "spark.driver.memory": "6g",
    "spark.driver.extraJavaOptions": "",
    "spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK",
}  # fmt: skip


@contextmanager
def session(memory: str = "6g") -> Iterator[tuple[SparkSession, Path]]:
    """A session for many rows on this machine, and a folder that goes with it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spark = start_session(
            "bench",
            load_settings("local", [], {}).spark_conf | _SPARK | {"spark.driver.memory": memory},
            folder / "spark.log",
        )
        with checkpoints(spark, str(folder / "checkpoints")):
            yield spark, folder
        spark.stop()


def market(spark: SparkSession, rows: int) -> DataFrame:
    """Sales with the columns that training asks for; a fifth of them is for validation."""
    sales = market_sales(spark, rows=rows, seed=11)
    key = F.format_string("%010d", "sale_id").alias("row_key")
    part = F.when(F.pmod(F.xxhash64("sale_id"), F.lit(5)) == 0, "validation").otherwise("train").alias("split")
    numbers = {"day": F.datediff("sold_on", F.lit("2018-01-01").cast("date"))}
    filled = [F.coalesce(numbers.get(name, F.col(name)).cast("double"), F.lit(0.0)).alias(name) for name in NUMBERS]
    return sales.select(key, key.alias("group_key"), F.col("price").alias("label"), part, *filled, *CATEGORIES)


def values_of(rows: DataFrame) -> Any:
    """The vectors of rows that fit into memory, shape (rows, features)."""
    lists = rows.select(vector_to_array(VECTOR).alias("values")).toArrow()["values"].combine_chunks()
    return lists.flatten().to_numpy().reshape(len(lists), -1)


def stages() -> Pipeline:
    """From columns to the vector."""
    indexes = [f"{name}_index" for name in CATEGORIES]
    indexer = StringIndexer(inputCols=list(CATEGORIES), outputCols=indexes)
    return Pipeline(stages=[indexer, VectorAssembler(inputCols=[*NUMBERS, *indexes], outputCol=VECTOR)])


@contextmanager
def folds(rows: DataFrame, partitions: int = 2) -> Iterator[Folds]:
    """Prepared as a search prepares them, a partition for each core."""

    def fit_stages(training: DataFrame, _: str) -> PipelineModel:
        return stages().fit(training)

    arranged = laid_out(rows, partitions).persist()
    prepared = Folds(arranged, fit_stages, VECTOR, F.lit(1.0), Training())
    whole = prepared.whole("index")
    whole.training.count(), whole.validation.count()
    try:
        yield prepared
    finally:
        prepared.release()
        arranged.unpersist()
