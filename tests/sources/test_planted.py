"""A market with what is planted in it: dirt that the stages find, a drift by date, leaks together, formats."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark import operations
from housing_spark.contract import load_contract
from housing_spark.errors import ConfigurationError
from housing_spark.sources import DIRT, LEAKS, Planted, kinds_of, market_sales, planted_market
from tests.conftest import run_stages

ROWS, SHARE = 2_000, 0.05
REASONS = {"rooms", "latitude", "condition", "dwelling", "built_before_sold"}


def count(rows: DataFrame, condition: str) -> int:
    return rows.where(condition).count()


def test_dirt_is_what_the_stages_set_aside(spark: SparkSession, make_run: Callable[..., Any], tmp_path: Path) -> None:
    planted = Planted(ROWS, seed=3, dirt=DIRT, dirt_share=SHARE)
    sales = planted_market(spark, planted).drop("true_price")
    sales.coalesce(1).write.csv(str(tmp_path / "in"), header=True)
    wrong = {
        "rooms": count(sales, "rooms = 'many'"), "latitude": count(sales, "latitude is null"),
        "condition": count(sales, "condition = 9"), "dwelling": count(sales, "dwelling = 'castle'"),
        "built_before_sold": count(sales, "built > year(sold_on) + 1"),
    }  # fmt: skip
    assert all(SHARE * ROWS / 2 < one < SHARE * ROWS * 2 for one in wrong.values())
    run = make_run(load_contract("market"), tmp_path / "in", "quality.max_quarantined_share=1")
    report = run_stages(run, "ingest", "clean")["clean"]
    set_aside = run.warehouse.read("quarantine")
    assert report.rows_in == report.rows_out + set_aside.count() + report.rows_duplicate == sales.count()
    assert SHARE * ROWS / 2 < report.rows_duplicate <= sales.count() - sales.distinct().count()
    found = set_aside.select(F.explode("reasons").alias("reason")).select("reason.*")
    assert {value for row in found.distinct().collect() for value in row} >= REASONS


def test_what_is_planted_depends_on_no_partition(spark: SparkSession) -> None:
    planted, digests = Planted(ROWS, dirt=DIRT, leaks=("copy",), drift_from=date(2021, 1, 1)), set()
    for partitions in (1, 7):
        spark.conf.set("spark.sql.leafNodeDefaultParallelism", str(partitions))
        try:
            rows = planted_market(spark, planted)
            digests.add(rows.agg(F.sum(F.xxhash64(*rows.columns).cast("decimal(38)"))).collect()[0][0])
        finally:
            spark.conf.unset("spark.sql.leafNodeDefaultParallelism")
    assert len(digests) == 1
    assert set(rows.columns) >= {"tax_value", "true_price"}


def test_from_a_day_on_it_is_another_market(spark: SparkSession) -> None:
    day = date(2021, 1, 1)
    plain, other = (market_sales(spark, rows=ROWS, seed=2, drift_from=since) for since in (None, day))
    both = plain.join(other.withColumnsRenamed({name: f"{name}_2" for name in other.columns[1:]}), "sale_id")
    later = both.groupBy((F.col("sold_on") >= F.lit(day)).alias("later")).agg(
        F.avg(F.col("living_area_m2_2") / F.col("living_area_m2")).alias("area"),
        F.avg(F.col("true_price_2") / F.col("true_price")).alias("price"),
    )
    before, after = (row.asDict() for row in later.orderBy("later").collect())
    assert (before["area"], before["price"]) == (1.0, 1.0)
    assert after["area"] == pytest.approx(1.2, abs=0.01)
    assert 0.9 < after["price"] < 0.9 * 1.2


@pytest.mark.parametrize("file_format", ["csv", "json", "parquet", "delta"])
def test_every_format_can_be_read(spark: SparkSession, tmp_path: Path, file_format: str) -> None:
    output = str(tmp_path / "market")
    operations.generate(spark, Planted(50), output=output, file_format=file_format)
    rows = spark.read.format(file_format).options(**({"header": "true"} if file_format == "csv" else {})).load(output)
    assert set(rows.columns) == set(market_sales(spark, rows=1, seed=7).columns)
    assert rows.count() == 50


def test_lists_of_kinds() -> None:
    assert kinds_of("--leak", "twins, copy", LEAKS) == ("copy", "twins")
    assert kinds_of("--leak", "all", LEAKS) == tuple(LEAKS)
    assert kinds_of("--dirt", None, DIRT) == ()
    with pytest.raises(ConfigurationError, match="E-CLI-011 --dirt mud: expected one of unreadable"):
        kinds_of("--dirt", "range,mud", DIRT)
    for wrong in ({"rows": 0}, {"rows": 1, "dirt_share": 1.5}):
        with pytest.raises(ConfigurationError, match="E-CLI-004"):
            Planted(**wrong)
