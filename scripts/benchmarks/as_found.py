"""MLlib as a user finds it, in a process of its own: Spark's defaults but for Delta, rows read from a Delta table.

``python as_found.py TABLE TREES`` fits once for each line of its input, and answers each with a line.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from delta import configure_spark_with_delta_pip
from pyspark.ml import Pipeline
from pyspark.ml.regression import GBTRegressor
from pyspark.sql import SparkSession
from rows import MASTER, VECTOR, stages

_DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}


class AsFound:
    """The other process, seen from here."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Ask it by its pipes."""
        self._process = process

    def fit(self) -> None:
        """Wait for one fit."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None  # noqa: S101  # both are pipes
        assert answers is not None  # noqa: S101
        print(file=asked, flush=True)
        if not answers.readline():
            raise RuntimeError("the process that fits as a user does ended")


@contextmanager
def as_found(table: str, trees: int) -> Iterator[AsFound]:
    """A process that fits on a Delta table as users do, until the end of the block."""
    command = [sys.executable, __file__, table, str(trees)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield AsFound(process)


def _serve(table: str, trees: int) -> None:
    builder = SparkSession.builder.master(MASTER)
    for name, value in _DELTA.items():
        builder = builder.config(name, value)
    spark = configure_spark_with_delta_pip(builder).getOrCreate()
    for _ in sys.stdin:
        rows = spark.read.format("delta").load(table).where("split = 'train'")
        regressor = GBTRegressor(featuresCol=VECTOR, labelCol="label", maxIter=trees, stepSize=0.05)
        Pipeline(stages=[*stages().getStages(), regressor]).fit(rows)
        print("fitted", flush=True)
    spark.stop()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
