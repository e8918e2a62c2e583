"""The report of a real run: made with the model, found again, equal to the tables."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from pyspark.sql import functions as F

from housing_spark import pipeline
from housing_spark.pages.words import amount, percent
from housing_spark.registering import registry_of, tracking_uri
from tests.browser import look_at, needs_browser
from tests.evaluation.test_report_page import ADDRESS
from tests.pipeline.conftest import again
from tests.pipeline.test_commands import on_market

PICTURES = {
    "comparison", "predicted_true", "residuals", "residuals_by_price", "error_map", "segments", "tenths",
    "coverage", "calibration", "importance", "search",
}  # fmt: skip


@pytest.fixture(scope="module")
def page(market: Any) -> Path:
    return Path(market[0].warehouse.location) / "_reports" / "v1" / "index.html"


def test_a_model_has_a_report_beside_the_tables_and_in_mlflow(market: Any, page: Path, tmp_path: Path) -> None:
    run, _ = market
    assert market[1]["evaluate"].details["report"].endswith("/warehouse/market/_reports/v1/index.html")
    assert page.stat().st_size < 3_000_000
    assert not ADDRESS.findall(page.read_text())
    drawn = {path.stem for path in (page.parent / "plots").iterdir()}
    assert drawn - {"learning_curve"} == PICTURES
    client = MlflowClient(tracking_uri(run.settings))
    logged = Path(client.download_artifacts(registry_of(run).load(1).run_id, "report", str(tmp_path)))
    assert (logged / "index.html").read_bytes() == page.read_bytes()
    assert {path.stem for path in (logged / "plots").iterdir()} == drawn


def test_its_figures_are_those_of_the_tables(market: Any, page: Path) -> None:
    run, reports = market
    text, test = page.read_text(), reports["evaluate"].details["test"]
    prices = registry_of(run).load(1)
    assert f"{percent(test['median_ape'])}, or " in text
    assert f"held {percent(test['coverage'])} of {test['rows']:,} test" in text
    assert f"(RMSE, {amount(test['rmse'], 'EUR')})" in text
    assert prices.artifact_sha256 in text
    assert prices.record["contract_hash"] in text
    metrics = run.warehouse.read("model_metrics").where("split = 'test' and metric = 'median_ape'")
    for row in metrics.where(F.col("segment_column") == "city").collect():
        assert f"<td>{row['segment']}</td>" in text
        assert percent(row["value"]) in text


@needs_browser
def test_its_pictures_show_without_a_network(page: Path) -> None:
    for width, height in ((1366, 625), (390, 800)):
        seen = look_at(page, width, height)
        assert seen.pictures.keys() >= PICTURES
        assert (seen.hidden, seen.blocked) == ([], [])
        assert max(seen.answers) <= height


def test_judging_again_leaves_the_report_alone(market: Any, page: Path) -> None:
    before = page.stat().st_mtime_ns
    assert pipeline.evaluate(again(market[0], "judged again")).status == "already applied"
    assert page.stat().st_mtime_ns == before


def test_the_command_finds_a_report_and_makes_one_that_is_missing(
    market_copy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(market_copy[0].warehouse.location) / "_reports" / "v1"
    before = (folder / "index.html").stat().st_mtime_ns
    assert on_market(market_copy, "report", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"report": str(folder / "index.html")}
    assert (folder / "index.html").stat().st_mtime_ns == before
    shutil.rmtree(folder)
    assert on_market(market_copy, "report", "--model-version", "1") == 0
    assert capsys.readouterr().out.strip() == str(folder / "index.html")
    assert "This page needs no network" in (folder / "index.html").read_text()
    assert on_market(market_copy, "report", "--model-version", "9") == 3
    assert "E-REG-002" in capsys.readouterr().err


def test_a_version_without_figures_has_no_report(market_copy: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run = market_copy[0]
    location = Path(run.warehouse.location)
    of_another = run.warehouse.read("model_metrics").withColumn("model_version", F.lit(9)).localCheckpoint()
    shutil.rmtree(location / "_reports")
    shutil.rmtree(location / "model_metrics")
    of_another.write.format("delta").save(str(location / "model_metrics"))
    assert on_market(market_copy, "report") == 3
    assert "E-REG-003 model version 1 has no test figures" in capsys.readouterr().err
