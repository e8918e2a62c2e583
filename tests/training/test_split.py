"""The split: pinned, independent of layout, by time with groups, exact where stratified."""

import json
from collections import Counter
from dataclasses import asdict

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.errors import ConfigurationError, InputRefusedError
from housing_spark.settings.training import Split
from housing_spark.training.split import SplitRecord, check_parts, fit_split, with_split

PLAIN = Split(by_time=False)


def sales(spark: SparkSession, rows: int = 1000, partitions: int = 2) -> DataFrame:
    frame = spark.range(rows).repartition(partitions)
    return frame.select(
        F.col("id").cast("string").alias("group_key"),
        (F.col("id") * 10.0).alias("label"),
        F.timestamp_seconds(F.floor(F.col("id") / 10) * 86400).alias("event_time"),
        F.when(F.col("id") % 4 == 0, "few").otherwise("many").alias("kind"),
    )


def parts(frame: DataFrame, record: SplitRecord, *, is_grouped: bool = False) -> dict[str, str]:
    return {row["group_key"]: row["split"] for row in with_split(frame, record, is_grouped=is_grouped).collect()}


def test_parts_are_pinned(spark: SparkSession) -> None:
    found = parts(sales(spark, 8), fit_split(sales(spark, 8), PLAIN, is_grouped=False))
    assert [found[str(number)] for number in range(8)] == PINNED


# Another value here means that the parts of every registered model changed.
PINNED = ["validation", "train", "train", "train", "train", "train", "train", "test"]


def test_parts_do_not_depend_on_the_layout_and_have_about_their_shares(spark: SparkSession) -> None:
    record = fit_split(sales(spark), PLAIN, is_grouped=False)
    one, many = parts(sales(spark, partitions=1), record), parts(sales(spark, partitions=7), record)
    assert one == many
    counts = Counter(one.values())
    assert abs(counts["train"] / 1000 - 0.64) < 0.05
    assert abs(counts["test"] / 1000 - 0.20) < 0.05


def test_the_test_rows_are_the_most_recent(spark: SparkSession) -> None:
    record = fit_split(sales(spark), Split(), is_grouped=False)
    found = parts(sales(spark), record)
    tested = {int(key) for key, part in found.items() if part == "test"}
    assert tested == set(range(800, 1000))


def test_earlier_rows_of_a_group_in_test_play_no_part(spark: SparkSession) -> None:
    frame = sales(spark).withColumn(
        "group_key", F.when(F.col("label").isin(5.0 * 20, 9990.0), "both").otherwise(F.col("group_key"))
    )
    record = fit_split(frame, Split(), is_grouped=True)
    found = with_split(frame, record, is_grouped=True).where("group_key = 'both'").orderBy("event_time").collect()
    assert [row["split"] for row in found] == [None, "test"]


def test_stratified_shares_are_exact_in_each_stratum(spark: SparkSession) -> None:
    record = fit_split(sales(spark), Split(by_time=False, stratify_by=("kind",)), is_grouped=False)
    rows = with_split(sales(spark), record, is_grouped=False).groupBy("kind", "split").count().collect()
    counts = {(row["kind"], row["split"]): row["count"] for row in rows}
    assert counts[("few", "train")] == 160
    assert counts[("few", "test")] == 50
    assert counts[("many", "train")] == 480
    assert counts[("many", "test")] == 150


def test_price_quantiles_have_exact_shares_and_the_record_survives_json(spark: SparkSession) -> None:
    record = fit_split(sales(spark), Split(by_time=False, stratify_label_quantiles=4), is_grouped=False)
    again = SplitRecord.from_json(json.loads(json.dumps(asdict(record))))
    assert parts(sales(spark), again) == parts(sales(spark), record)
    dear = with_split(sales(spark), record, is_grouped=False).where("label > 7500 and split = 'test'").count()
    assert abs(dear - 50) <= 1


def test_what_cannot_be_split_is_refused(spark: SparkSession) -> None:
    with pytest.raises(ConfigurationError, match="unknown column 'nope'"):
        fit_split(sales(spark, 10), Split(stratify_by=("nope",)), is_grouped=False)
    with pytest.raises(ConfigurationError, match="group cannot be stratified"):
        fit_split(sales(spark, 10), Split(stratify_by=("kind",)), is_grouped=True)
    with pytest.raises(InputRefusedError, match="E-TRAIN-004"):
        fit_split(sales(spark, 5), Split(), is_grouped=False)
    with pytest.raises(InputRefusedError, match="20 to train on, need 200"):
        check_parts({"train": 20, "validation": 3, "calibration": 3, "test": 5}, 200)
    with pytest.raises(InputRefusedError, match="parts without rows: calibration"):
        check_parts({"train": 300, "validation": 3, "test": 5}, 200)
