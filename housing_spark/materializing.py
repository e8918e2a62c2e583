"""Rows between the steps of a job: computed once, written to a folder that goes with the command."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import DataFrame, SparkSession

from housing_spark.session import hadoop_path


@contextmanager
def checkpoints(spark: SparkSession, folder: str) -> Iterator[None]:
    """Keep checkpoints in a folder that driver and executors share, and remove it at the end."""
    spark.sparkContext.setCheckpointDir(folder)
    try:
        yield
    finally:
        system, path = hadoop_path(spark, folder)
        system.delete(path, True)


def materialized(frame: DataFrame) -> DataFrame:
    """The rows of a frame, computed now, in Parquet files beside the checkpoints.

    A checkpoint of Spark has whole rows, serialized by Java: to count its batches takes as long as to read all of it.
    """
    spark = frame.sparkSession
    folder = f"{spark.sparkContext.getCheckpointDir()}/{uuid.uuid4().hex}"
    # Read once or twice: dictionaries of values take longer to make than they save.
    frame.write.options(**{"parquet.enable.dictionary": "false"}).parquet(folder, compression="lz4_raw")
    return spark.read.schema(frame.schema).parquet(folder)
