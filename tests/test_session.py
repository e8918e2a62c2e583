"""What a session must have."""

import pytest
from pyspark.sql import SparkSession

from housing_spark.session import has_delta, marked


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
