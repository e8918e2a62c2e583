"""The Spark session: the one that is there, or one for this machine.

Under ``spark-submit``, in a notebook or on Databricks the session's resources and jars are the site's business.
Started as plain Python, the session reads ``spark-defaults.conf`` and the settings of the environment.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from pyspark import inheritable_thread_target
from pyspark.errors import PySparkRuntimeError
from pyspark.ml.regression import GBTRegressionModel, RandomForestRegressionModel
from pyspark.sql import DataFrame, SparkSession

from housing_spark.errors import ConfigurationError, ResourceMissingError
from housing_spark.yaml_files import conf_file

_REQUIRED = {
    "spark.sql.session.timeZone": ("UTC", "Etc/UTC"),
    "spark.sql.ansi.enabled": ("true",),
    "spark.sql.files.ignoreCorruptFiles": ("false",),
    "spark.sql.files.ignoreMissingFiles": ("false",),
}
_LOOKED_UP = (
    "functions", "PythonUtils", "org.apache.spark.sql.functions", "org.apache.spark.sql.classic.SparkSession",
    "org.apache.spark.sql.types.Metadata",
)  # fmt: skip


def start_session(name: str, conf: Mapping[str, str], jvm_log: Path | None = None) -> SparkSession:
    """The session of this process, checked for what correctness needs.

    Args:
        name: Application name of a new session.
        conf: Spark settings of a new session; under spark-submit only run-time settings still count.
        jvm_log: File for what a new local JVM writes; ``None`` leaves it on standard error.

    Raises:
        ResourceMissingError: Java or the Delta jar is missing.
        ConfigurationError: The session has settings under which results would be wrong.
    """
    spark = SparkSession.getActiveSession() or _new_session(name, conf, jvm_log)
    _check(spark)
    _leave_trees_unwrapped()
    _remember_classes(spark)
    return spark


def _leave_trees_unwrapped() -> None:
    """Make ``trees`` of ensembles a plain property, which PySpark leaves alone when it looks for a model's params.

    As a cached property it is read on every load, which wraps each tree: 14 s instead of 0.8 s for 836 trees.
    """
    for model in (GBTRegressionModel, RandomForestRegressionModel):
        if isinstance(model.trees, cached_property):
            model.trees = property(model.trees.func)


def _remember_classes(spark: SparkSession) -> None:
    """Look up once what PySpark looks up on every call: 7,500 of 8,600 searches for a class in the quickstart.

    A search asks the JVM, which goes through every jar for each package that might have the class.
    """
    jvm: Any = spark.sparkContext._jvm  # noqa: SLF001  # the same object for the life of the process
    for name in _LOOKED_UP:
        setattr(jvm, name, getattr(jvm, name))


@contextmanager
def cached(frame: DataFrame) -> Iterator[DataFrame]:
    """Keep a frame in memory to the end of a block, however it ends."""
    try:
        yield frame.persist()
    finally:
        frame.unpersist()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What these return, in order, each in a thread of its own.

    Planning a query takes longer than running it on few rows, and each thread plans its own. Each has its own copy of
    the run's tag and description too: PySpark copies them once for each call of ``inheritable_thread_target``, and
    threads that share one copy lose the number of the query that they are in.
    """
    spark = SparkSession.active()
    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(inheritable_thread_target(spark)(work)) for work in works]
        return [future.result() for future in futures]


@contextmanager
def marked(spark: SparkSession, run_id: str, description: str) -> Iterator[None]:
    """Mark the Spark jobs of a block with the run they belong to.

    The Spark UI shows the description, the event log has the run as a tag of each job, and the log lines of executors
    carry it as ``mdc.run_id``. The job group is left alone: notebooks cancel their cells by it.
    """
    context = spark.sparkContext
    properties = {"spark.job.description": f"{description}, run {run_id}", "mdc.run_id": run_id}
    before = {key: context.getLocalProperty(key) for key in properties}
    context.addJobTag(run_id)
    try:
        for key, value in properties.items():
            context.setLocalProperty(key, value)
        yield
    finally:
        context.removeJobTag(run_id)
        for key, earlier in before.items():
            context.setLocalProperty(key, earlier)  # type: ignore[arg-type]  # None takes it away


def hadoop_path(spark: SparkSession, location: str) -> tuple[Any, Any]:
    """Hadoop's file system and path (Java objects) of a location, as Spark itself resolves it."""
    jvm, context = spark._jvm, spark._jsc  # noqa: SLF001  # Hadoop's file system has no Python door
    assert jvm is not None  # noqa: S101  # a classic session always has one
    path = jvm.org.apache.hadoop.fs.Path(location)
    return path.getFileSystem(context.hadoopConfiguration()), path


def read_spark_defaults() -> dict[str, str]:
    """The settings of ``spark-defaults.conf``."""
    lines = _defaults_file().read_text(encoding="utf-8").splitlines()
    pairs = (line.split(None, 1) for line in lines if line.strip() and not line.startswith("#"))
    return {key: value.strip() for key, value in pairs}


def _defaults_file() -> Path:
    packaged = conf_file("spark-defaults.conf")
    return Path(str(packaged)) if packaged.is_file() else Path(__file__).parent.parent / "spark-defaults.conf"


def _new_session(name: str, conf: Mapping[str, str], jvm_log: Path | None) -> SparkSession:
    is_submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if is_submitted:
        options = {key: value for key, value in conf.items() if key.startswith("spark.sql.")}
    else:
        options = read_spark_defaults() | dict(conf)
        if options.get("spark.master", "").startswith("local"):
            os.environ["PYSPARK_PYTHON"] = sys.executable
            options = {"spark.python.daemon.module": "housing_spark.python_workers"} | options
    builder = SparkSession.builder.config(map={**options})
    try:
        with _stderr_to(None if is_submitted else jvm_log):
            return (builder if is_submitted else builder.appName(name)).getOrCreate()
    except PySparkRuntimeError as error:
        where = f"; its output is in {jvm_log}" if jvm_log else ""
        raise ResourceMissingError(
            "E-ENV-001", f"Spark did not start: Java 17 or 21 and the jars of spark-defaults.conf are needed{where}"
        ) from error


@contextmanager
def _stderr_to(file: Path | None) -> Iterator[None]:
    """The JVM inherits standard error when it starts: point it at a file for that moment."""
    if file is None:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = os.dup(2)
    with file.open("ab") as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _check(spark: SparkSession) -> None:
    for key, values in _REQUIRED.items():
        found = spark.conf.get(key)
        if found not in values:
            raise ConfigurationError(
                "E-CFG-009",
                f"{key}: got {found}, expected {values[0]}; submit with --properties-file spark-defaults.conf",
            )
    if not has_delta(spark.conf.get("spark.sql.extensions", ""), os.environ):
        raise ResourceMissingError(
            "E-ENV-002", "Delta is not in this session; submit with --properties-file spark-defaults.conf"
        )


def has_delta(extensions: str | None, environ: Mapping[str, str]) -> bool:
    """Whether a session knows Delta; on Databricks it does, with no extension in the settings."""
    return "DATABRICKS_RUNTIME_VERSION" in environ or "io.delta.sql.DeltaSparkSessionExtension" in (extensions or "")
