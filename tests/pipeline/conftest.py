"""One finished run on a small market, shared by the tests of the pipeline."""

import shutil
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
    "search.max_evals={gbt: 3, elastic_net: 3}",
    "search.spaces.elastic_net.log_target={choices: [true]}",
    "search.spaces.elastic_net.regularization={low: 0.0001, high: 0.001, scale: log}",
    "split.by_time=false",  # a search this small does not follow the trend; test_readme.py splits by time
)


def write_market(spark: SparkSession, folder: Path, files: int) -> Path:
    rows = market_sales(spark, rows=ROWS, seed=3).drop("true_price").repartition(files)
    rows.write.csv(str(folder / "in"), header=True)
    return folder / "in"


def market_run(spark: SparkSession, folder: Path, files: int, *sets: str) -> Run:
    settings = load_settings("local", [f"warehouse={folder / 'warehouse'}", *MARKET_SETS, *sets], {})
    (folder / "warehouse" / "market").mkdir(parents=True)
    return Run(spark, settings, load_contract("market"), "first", str(write_market(spark, folder, files)))


def again(run: Run, run_id: str, **changes: Any) -> Run:
    return Run(**{**vars(run), "run_id": run_id, **changes})


@pytest.fixture
def market_copy(market: Any, tmp_path: Path) -> tuple[Run, dict[str, StageReport]]:
    """The finished run on a warehouse of its own, for a test that changes it."""
    run, reports = market
    shutil.copytree(run.settings.warehouse, tmp_path / "copy")
    settings = run.settings.model_copy(update={"warehouse": str(tmp_path / "copy")})
    return again(run, "copy", settings=settings), reports


@pytest.fixture(scope="session")
def market(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, StageReport]]:
    """A finished run, and its reports."""
    run = market_run(spark, tmp_path_factory.mktemp("market"), 1)
    return run, run_stages(run)
