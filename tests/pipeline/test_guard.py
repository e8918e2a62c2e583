"""The guard in the pipeline: a leak stops training, a dry run trains and the gate refuses; real sales have none."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from housing_spark import gating, modelling, pipeline, training
from housing_spark.contract import Contract, load_contract
from housing_spark.errors import GateRefusedError
from housing_spark.features import feature_names
from housing_spark.leakage import find_leaks
from housing_spark.registering import registry_of
from housing_spark.settings.leakage import Leakage
from housing_spark.sources import market_sales, with_leak
from housing_spark.tables import Run
from tests.conftest import run_stages

CALIFORNIA = Path(__file__).parents[3] / "shared" / "data" / "california_housing.csv"


@pytest.fixture(scope="module")
def leaking(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Contract, str]:
    folder = tmp_path_factory.mktemp("leaking")
    sales = with_leak(market_sales(spark, rows=1_500, seed=3), "copy", 3).drop("true_price")
    sales.coalesce(1).write.csv(str(folder / "in"), header=True)
    given = load_contract("market").model_dump(mode="json", by_alias=True, exclude_none=True)
    given["columns"]["tax_value"] = {"type": "double", "comment": "tax value, EUR"}
    given["features"]["numeric"] = [*given["features"]["numeric"], "tax_value"]
    return Contract.model_validate(given), str(folder / "in")


def described(make_run: Any, leaking: tuple[Contract, str], *sets: str) -> Run:
    run: Run = make_run(leaking[0], leaking[1], *sets)
    run_stages(run, "ingest", "clean", "features")
    return run


def test_a_leak_stops_training_before_anything_is_fitted(make_run: Any, leaking: tuple[Contract, str]) -> None:
    run = described(make_run, leaking)
    with pytest.raises(GateRefusedError, match=r"E-LEAK-001 market.features version 0: tax_value: one feature alone"):
        pipeline.train(run)
    assert not run.warehouse.exists("trials")
    verdicts = {row["expectation"]: row for row in run.warehouse.read("quality_results").collect()}
    assert verdicts["strength"]["column"] == "tax_value"
    assert not verdicts["strength"]["success"]
    assert verdicts["strength"]["observed"] > 0.9
    assert all(verdicts[name]["success"] for name in ("missing", "shift", "future", "twins"))


def test_a_dry_run_trains_and_the_gate_refuses(make_run: Any, leaking: tuple[Contract, str]) -> None:
    run = described(make_run, leaking, "leakage.mode=dry_run")
    run_stages(run, "train", "evaluate")
    assert registry_of(run).load(1).record["leaks"][0]["column"] == "tax_value"
    decisions = {one.rule: one for one in gating.decide(run, registry_of(run), 1, None)}
    assert not decisions["leaks_at_most"].passed
    assert decisions["leaks_at_most"].value == 1


def test_what_is_allowed_or_not_looked_for_trains(make_run: Any, leaking: tuple[Contract, str]) -> None:
    for sets in ("leakage.allow=[tax_value]", "leakage.mode=off"):
        run = described(make_run, leaking, sets, f"split.salt={sets[8:13]}")
        run_stages(run, "train")
        assert registry_of(run).load(1).record["leaks"] == []


def _parted(run: Run) -> tuple[DataFrame, tuple[Any, ...]]:
    labelled = run.warehouse.read("features").where("label is not null")
    split = training.fit_split(labelled, run.settings.split, is_grouped=bool(run.contract.group))
    place = run.contract.location.columns if run.contract.location else ()
    rows = modelling.with_parts(run, labelled, split).where("split is not null")
    return rows, (*feature_names(run.contract, rows.schema), place)


@pytest.mark.parametrize("name", ["ames", "california"])
def test_real_sales_have_no_leak(make_run: Any, name: str) -> None:
    if name == "california" and not CALIFORNIA.is_file():
        pytest.skip("the published file is not here")
    run: Run = make_run(load_contract(name), CALIFORNIA if name == "california" else None)
    run_stages(run, "ingest", "clean", "features")
    rows, columns = _parted(run)
    assert find_leaks(rows, *columns, Leakage()) == ()
