"""A job for spark-submit: it runs jobs, then says what the Python of each executor has, a JSON line per executor.

All in one application, because to bring up executors takes a minute: the scripts of the first argument, one after the
other, with the arguments that follow. The first of them makes the session, as it does when it is submitted by itself.
"""

import json
import os
import runpy
import subprocess
import sys

from pyspark.sql import SparkSession


def look() -> dict[str, object]:
    """What a task sees: its own pandas, and what the worker's Python says when it is asked for pandas."""
    import pandas as pd  # noqa: PLC0415  # on the executor, not on the driver

    question = "import sys; print(sys.executable, flush=True); import pandas"
    bare = subprocess.run(
        ["python3", "-c", question],
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    return {
        "executor": os.getcwd(),  # noqa: PTH109  # a text
        "pandas": pd.__file__,
        "bare_python": bare.stdout.strip(),
        "bare_error": bare.stderr.strip().splitlines()[-1:],
    }


scripts = sys.argv.pop(1).split(",")
for script in scripts:
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            raise
spark = SparkSession.builder.getOrCreate()
for found in spark.sparkContext.parallelize(range(2), 2).map(lambda _: look()).collect():
    sys.stdout.write(f"{json.dumps(found)}\n")
