"""One finished run on a small market, shared by the tests of the pipeline."""

import fcntl
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from housing_spark.contract import load_contract
from housing_spark.settings import load_settings
from housing_spark.sources import market_sales
from housing_spark.tables import Run, StageReport
from tests.conftest import SMALL_SEARCH, run_stages

ROWS = 3000
MARKET_SETS = (
    *SMALL_SEARCH,
    "training.candidates=[gbt, elastic_net]",
    "search.max_evals={gbt: 3, elastic_net: 1}",
    "search.spaces.elastic_net.log_target={choices: [true]}",
    "search.spaces.elastic_net.regularization={low: 0.0001, high: 0.001, scale: log}",
    "split.by_time=false",  # a search this small does not follow the trend; test_readme.py splits by time
)


def write_market(spark: SparkSession, folder: Path, files: int) -> Path:
    rows = market_sales(spark, rows=ROWS, seed=3).drop("true_price").repartition(files)
    rows.write.csv(str(folder / "in"), header=True)
    return folder / "in"


def run_on(spark: SparkSession, folder: Path, *sets: str) -> Run:
    settings = load_settings("local", [f"warehouse={folder / 'warehouse'}", *MARKET_SETS, *sets], {})
    return Run(spark, settings, load_contract("market"), "first", str(folder / "in"))


def market_run(spark: SparkSession, folder: Path, files: int, *sets: str) -> Run:
    (folder / "warehouse" / "market").mkdir(parents=True)
    write_market(spark, folder, files)
    return run_on(spark, folder, *sets)


def again(run: Run, run_id: str, **changes: Any) -> Run:
    return Run(**{**vars(run), "run_id": run_id, **changes})


@pytest.fixture(scope="session")
def finished(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, StageReport]]:
    """The folder of a finished run, and its reports; one for all test processes, with a copy that nobody changes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "reports").exists():
            reports = run_stages(market_run(spark, folder, 1))
            shutil.copytree(folder / "warehouse", folder / "untouched")
            (folder / "reports").write_text(json.dumps({name: asdict(report) for name, report in reports.items()}))
    reports = json.loads((folder / "reports").read_text())
    return folder, {name: StageReport(**report) for name, report in reports.items()}


@pytest.fixture(scope="session")
def market(spark: SparkSession, finished: Any) -> tuple[Run, dict[str, StageReport]]:
    """A finished run, and its reports; for the modules of the group ``market``, which share a process."""
    return run_on(spark, finished[0]), finished[1]


@pytest.fixture
def market_copy(spark: SparkSession, finished: Any, tmp_path: Path) -> tuple[Run, dict[str, StageReport]]:
    """The finished run on a warehouse of its own, for a test that changes it."""
    folder, reports = finished
    shutil.copytree(folder / "untouched", tmp_path / "copy")
    run = run_on(spark, folder)
    return again(run, "copy", settings=run.settings.model_copy(update={"warehouse": str(tmp_path / "copy")})), reports
