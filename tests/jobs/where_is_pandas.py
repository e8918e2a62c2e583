"""A job for spark-submit: what the executors' Python has, as one JSON line per executor on standard output."""

import json
import os
import subprocess
import sys

from pyspark import SparkFiles, TaskContext
from pyspark.sql import SparkSession


def look() -> dict[str, object]:
    """What a task sees: its own pandas, and what the worker's Python says when it is asked for pandas."""
    import pandas as pd  # noqa: PLC0415  # on the executor, not on the driver

    bare = subprocess.run(
        ["python3", "-c", "import sys; print(sys.executable); import pandas"],
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    context = TaskContext.get()
    return {
        "executor": os.environ.get("SPARK_EXECUTOR_DIRS", "") or SparkFiles.getRootDirectory(),
        "partition": context and context.partitionId(),
        "pandas": pd.__file__,
        "bare_python": bare.stdout.strip(),
        "bare_error": bare.stderr.strip().splitlines()[-1:],
    }


spark = SparkSession.builder.getOrCreate()
for found in spark.sparkContext.parallelize(range(2), 2).map(lambda _: look()).collect():
    sys.stdout.write(f"{json.dumps(found)}\n")
