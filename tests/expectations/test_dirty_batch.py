"""A dirty batch after a clean one: every planted fault is found by name, with the counts that plain Spark gives."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.contract import load_contract
from housing_spark.expectations import Reference, describe_batch
from housing_spark.expectations.validate import JOB_TAG
from housing_spark.settings import load_settings
from housing_spark.sources import market_sales
from housing_spark.tables import Run, Warehouse
from tests.conftest import run_stages

NAMES = (
    "readable", "required", "ranges", "sets", "rules", "unique_keys", "freshness", "row_count", "missing",
    "label_distribution", "category_shares",
)  # fmt: skip
MAX_JOBS = 8


def gates(threshold: float = 0.01) -> str:
    own = {"row_count": 0.5, "missing": 0.1, "label_distribution": 0.1, "category_shares": 0.2, "freshness": 30}
    return ", ".join(f"{{name: {name}, threshold: {own.get(name, threshold)}}}" for name in NAMES)


def planted(sales: DataFrame) -> DataFrame:
    """Ten kinds of fault in disjoint or independent shares of the rows."""
    place = F.col("sale_id") % 100

    def put(column: str, value: Any, rows: Column) -> Column:
        return F.when(rows, F.lit(value)).otherwise(F.col(column).cast("string")).alias(column)

    changed = {
        "rooms": F.when(place == 0, F.lit("3.5")).otherwise(put("rooms", "three", place < 3)),
        "city": F.when(place.between(5, 8), F.lit(None)).when(place > 40, F.lit("Lonetown")).otherwise(F.col("city")),
        "condition": put("condition", "9", place.between(10, 16)),
        "dwelling": put("dwelling", "castle", place.between(20, 23)),
        "built": put("built", "2090", place.between(30, 31)),
        "school_score": put("school_score", None, place > 60),
        "price": F.col("price") * 2,
    }
    twins = sales.withColumns(changed)
    return twins.unionByName(twins.where(place == 50).withColumn("lot_area_m2", F.lit(7.0)))


@pytest.fixture(scope="module")
def checked(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFrame, DataFrame, list[int]]:
    """The dirty rows, the verdicts on them, and the jobs of the suite on the clean batch before."""
    folder = tmp_path_factory.mktemp("gates")
    sales = market_sales(spark, rows=3000, seed=5).drop("true_price")
    sales.where(F.col("sale_id") < 2000).coalesce(1).write.csv(str(folder / "first"), header=True)
    dirty = planted(sales.where(F.col("sale_id") >= 2200))
    dirty.coalesce(1).write.csv(str(folder / "second"), header=True)
    (folder / "warehouse" / "market").mkdir(parents=True)
    jobs, tracker = [], spark.sparkContext._jsc.sc().statusTracker()
    for part in ("first", "second"):
        sets = [f"warehouse={folder / 'warehouse'}", f"quality.gates=[{gates()}]", "quality.max_quarantined_share=1"]
        run = Run(spark, load_settings("local", sets, {}), load_contract("market"), part, str(folder / part))
        run_stages(run, "ingest")
        before = len(list(tracker.getJobIdsForTag(JOB_TAG)))
        run_stages(run, "clean")
        jobs.append(len(list(tracker.getJobIdsForTag(JOB_TAG))) - before)
    results = run.warehouse.read("quality_results").where(F.col("run_id") == "second")
    return spark.read.csv(str(folder / "second"), header=True), results, jobs


def failed_rows(results: DataFrame) -> dict[tuple[str, str], int | None]:
    failed = results.where(~F.col("success")).collect()
    return {(row["gate"], row["column"]): row["unexpected_rows"] for row in failed}


def test_every_planted_fault_is_found_with_the_rows_that_spark_counts(checked: Any) -> None:
    rows, results, _ = checked
    same_id = rows.groupBy("sale_id").count().where("count > 1").agg(F.sum("count")).collect()[0][0]
    wanted = {
        ("readable", "row"): rows.where("rooms in ('three', '3.5')").count(),
        ("required", "city"): rows.where("city is null").count(),
        ("ranges", "condition"): rows.where("cast(condition as int) not between 1 and 5").count(),
        ("sets", "dwelling"): rows.where("dwelling = 'castle'").count(),
        ("rules", "built_before_sold"): rows.where("built > year(sold_on) + 1").count(),
        ("unique_keys", "row_key"): same_id,
        ("missing", "school_score"): rows.where("school_score is null").count(),
    }
    found = failed_rows(results)
    assert min(wanted.values()) > 0
    assert {key: found.get(key) for key in wanted} == wanted
    assert {gate for gate, _ in found} == set(NAMES)
    assert {column for gate, column in found if gate in ("ranges", "sets", "required", "missing")} == {
        "condition", "dwelling", "city", "school_score",
    }  # fmt: skip


def test_figures_that_moved_are_those_that_spark_computes(checked: Any) -> None:
    rows, results, _ = checked
    observed = {(row["gate"], row["column"]): row["observed"] for row in results.collect()}
    assert observed["row_count", "rows"] == rows.count()
    shares = [key for key in observed if key[0] == "category_shares" and observed[key] is not None]
    assert shares
    for gate, column in shares:
        name, value = column.split(" = ")
        share = rows.agg(F.avg(F.coalesce((F.col(name) == value).cast("double"), F.lit(0.0)))).collect()[0][0]
        assert observed[gate, column] == pytest.approx(share)
    below = {key[1]: value for key, value in observed.items() if key[0] == "label_distribution" and value is not None}
    assert len(below) == 3
    assert all(value < 0.4 for value in below.values())


def test_a_batch_where_all_is_well_costs_few_jobs(checked: Any) -> None:
    _, _, jobs = checked
    assert 0 < jobs[0] <= MAX_JOBS


def test_a_critical_gate_publishes_nothing_and_leaves_its_verdict(
    spark: SparkSession, make_run: Callable[..., Run], tmp_path: Path
) -> None:
    dirty = planted(market_sales(spark, rows=300, seed=5).drop("true_price"))
    dirty.coalesce(1).write.csv(str(tmp_path / "in"), header=True)
    sets = ["quality.gates=[{name: sets, severity: critical}]", "quality.max_quarantined_share=1"]
    run = make_run(load_contract("market"), tmp_path / "in", *sets)
    with pytest.raises(Exception, match="E-DQ-003 clean: gate sets failed for dwelling"):
        run_stages(run, "ingest", "clean")
    warehouse: Warehouse = run.warehouse
    assert not warehouse.exists("clean")
    assert failed_rows(warehouse.read("quality_results")) == {("sets", "dwelling"): 12}
    warned = make_run(load_contract("market"), tmp_path / "in", *sets, "quality.mode=warn")
    assert "gate sets failed" in run_stages(warned, "clean")["clean"].details["warnings"][0]


def test_tied_labels_are_compared_at_the_share_they_had(spark: SparkSession, write_contract: Any) -> None:
    contract = write_contract(
        dataset="ties",
        columns={"price": {"type": "double"}, "area": {"type": "double"}},
        label="price",
        features={"numeric": ["area"]},
    )
    prices = spark.createDataFrame(
        [(1.0 if place < 60 else 2.0, 5.0) for place in range(100)], "price double, area double"
    )
    before = describe_batch(prices, 100, contract)
    assert before is not None
    assert before.label_shares == {1.0: 0.6, 2.0: 1.0}


def test_a_batch_is_compared_with_what_was_recorded_of_the_one_before() -> None:
    before = Reference(100, {"area": 0.25}, {1.5: 0.5, 2.0: 1.0}, {("city", "Porto"): 0.125})
    assert Reference.of(json.loads(json.dumps(before.noted()))) == before
