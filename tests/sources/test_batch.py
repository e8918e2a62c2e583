"""Which files are new, and what their batch is called."""

import pytest
from pyspark.sql import SparkSession

from housing_spark.sources import new_batch
from housing_spark.sources.files import InputFile

RAW = [("one", "a.csv", "000001-x"), ("two", "b.csv", "000002-y"), ("three", "c.csv", "000003-z")]
FILES = [InputFile("/in/other name.csv", "one", ()), InputFile("/in/d.csv", "four", ())]


@pytest.mark.parametrize(
    "last_batch", ["", "000001-x", "000003-z"], ids=["none", "a killed job's come after it", "all"]
)
def test_a_file_is_known_and_batches_are_counted_whatever_is_on_record(spark: SparkSession, last_batch: str) -> None:
    raw = spark.createDataFrame(RAW, "source_file_hash string, source_file string, batch_id string")
    new, batch = new_batch(FILES, raw, last_batch, is_full=False)
    assert [file.identity for file in new] == ["four"]
    assert batch.startswith("000004-")


def test_a_batch_on_record_that_was_taken_back_is_counted_too(spark: SparkSession) -> None:
    raw = spark.createDataFrame(RAW[:1], "source_file_hash string, source_file string, batch_id string")
    assert new_batch(FILES, raw, "000002-y", is_full=False)[1].startswith("000003-")
