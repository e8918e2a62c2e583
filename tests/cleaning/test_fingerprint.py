"""Fingerprints: equal for equal contents, and only for them."""

from pyspark.sql import SparkSession

from housing_spark.hashing import fingerprint


def test_a_fingerprint_sees_values_and_where_nulls_are(spark: SparkSession) -> None:
    rows = [("1", None, 0.5), (None, "1", 0.5), ("1", "1", 0.5), ("1", None, -0.5), ("1", None, 0.5)]
    frame = spark.createDataFrame(rows, "a string, b string, c double").coalesce(1)
    found = [row[0] for row in frame.select(fingerprint(["a", "b", "c"])).collect()]
    assert found[0] == found[4]
    assert len(set(found)) == 4
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in found)
