"""What a session must have."""

import sys
from collections.abc import Iterator
from threading import Barrier
from zipimport import zipimporter

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from housing_spark.session import at_once, has_delta, marked


@pytest.mark.parametrize(
    ("extensions", "environ", "expected"),
    [
        ("org.example.Other,io.delta.sql.DeltaSparkSessionExtension", {}, True),
        ("org.example.Other", {}, False),
        (None, {}, False),
        (None, {"DATABRICKS_RUNTIME_VERSION": "18.0"}, True),
    ],
)
def test_delta_is_known_by_its_extension_or_by_the_platform(
    extensions: str | None, environ: dict[str, str], expected: bool
) -> None:
    assert has_delta(extensions, environ) is expected


def test_the_spark_jobs_of_a_block_name_their_run(spark: SparkSession) -> None:
    context, tracker = spark.sparkContext, spark.sparkContext._jsc.sc().statusTracker()
    with marked(spark, "run-9", "market clean"):
        assert context.getLocalProperty("spark.job.description") == "market clean, run run-9"
        assert context.getLocalProperty("mdc.run_id") == "run-9"
        spark.range(3).count()
    found = len(list(tracker.getJobIdsForTag("run-9")))
    spark.range(3).count()
    assert found == len(list(tracker.getJobIdsForTag("run-9"))) > 0
    assert context.getLocalProperty("spark.job.description") is None
    assert context.getLocalProperty("mdc.run_id") is None


def test_jobs_of_threads_name_the_run_too(spark: SparkSession) -> None:
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    with marked(spark, "run-10", "market train"):
        assert at_once(spark.range(3).count, spark.range(4).count) == [3, 4]
    assert len(list(tracker.getJobIdsForTag("run-10"))) >= 2


def test_threads_leave_each_others_properties_alone(spark: SparkSession) -> None:
    context, both = spark.sparkContext, Barrier(2)

    def told(number: str) -> str | None:
        context.setLocalProperty("number", number)
        both.wait()  # as two queries that run at the same time: each sets its number and reads it again
        read = context.getLocalProperty("number")
        both.wait()
        return read

    assert at_once(lambda: told("1"), lambda: told("2")) == ["1", "2"]


def test_a_python_task_reads_no_list_of_files_anew(spark: SparkSession) -> None:
    def archives(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for _ in batches:
            known = [place for place, finder in sys.path_importer_cache.items() if isinstance(finder, zipimporter)]
            yield pa.RecordBatch.from_pydict({"archive": [place for place in known if "py4j" not in place]})

    # A jar lies on the path of Python because spark.jars.packages names it.
    assert any(".jar" in jar for jar in spark.sparkContext._jsc.sc().listJars().mkString(" ").split())
    assert spark.range(1).mapInArrow(archives, "archive string").collect() == []
