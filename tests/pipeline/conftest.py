"""One finished run on a small market, shared by the tests of the pipeline."""

import fcntl
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from housing_spark import views
from housing_spark.contract import load_contract
from housing_spark.schemas.explanations import explanations_table
from housing_spark.schemas.studies import MODEL_STUDIES
from housing_spark.settings import load_settings
from housing_spark.sources import market_sales
from housing_spark.tables import Run, StageReport
from housing_spark.tables.write import record
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
    return replace(run, run_id=run_id, **changes)


@pytest.fixture(scope="session")
def finished(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, StageReport]]:
    """The folder of a finished run, which nobody changes, and its reports; one for all test processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "reports").exists():
            reports = run_stages(market_run(spark, folder, 1))
            (folder / "reports").write_text(json.dumps({name: asdict(report) for name, report in reports.items()}))
    reports = json.loads((folder / "reports").read_text())
    return folder, {name: StageReport(**report) for name, report in reports.items()}


def copy_of(finished: tuple[Path, dict[str, StageReport]], to: Path, spark: SparkSession) -> Run:
    """The finished run on a warehouse of its own: its models lie there too."""
    old = finished[0] / "warehouse"
    shutil.copytree(old, to / "warehouse")
    with closing(sqlite3.connect(to / "warehouse" / "mlflow.db")) as store, store:
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for _, column, kind, *_ in store.execute(f"PRAGMA table_info({table})").fetchall():
                if kind.startswith(("VARCHAR", "TEXT")):
                    names = (str(old), str(to / "warehouse"), f"%{old}%")
                    store.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?) WHERE {column} LIKE ?", names)
    run = run_on(spark, to)
    return again(run, run.run_id, input=str(finished[0] / "in"))


@pytest.fixture(scope="session")
def market(
    spark: SparkSession, finished: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, dict[str, StageReport]]:
    """A finished run, and its reports; tests add to it, and take nothing away."""
    return copy_of(finished, tmp_path_factory.mktemp("market"), spark), finished[1]


@pytest.fixture
def market_copy(spark: SparkSession, finished: Any, tmp_path: Path) -> tuple[Run, dict[str, StageReport]]:
    """The finished run on a warehouse of its own, for a test that changes it."""
    return again(copy_of(finished, tmp_path / "copy", spark), "copy"), finished[1]


@pytest.fixture(scope="module")
def asked(market: Any) -> Run:
    """The market's warehouse with every table and its views, and studies for them to tell of."""
    explained = explanations_table(market[0].contract)
    record(explained.frame(market[0].spark, []), explained, market[0].warehouse)
    studied = {"model_version": 1, "mlflow_run_id": "r", "value": 2.0, "low": 1.0, "high": 3.0,
               "training_rows": 9, "rows": 3, "fitted_at": datetime.now(UTC), "position": 0}  # fmt: skip
    names = {"validation": "random", "learning_curve": "1", "ablation": "all"}
    kinds = [{"study": study, "variant": variant} for study, variant in names.items()]
    rows = [studied | kind | {"metric": metric} for kind in kinds for metric in ("rmse", "mae", "median_ape")]
    record(MODEL_STUDIES.frame(market[0].spark, rows), MODEL_STUDIES, market[0].warehouse)
    views.register(market[0].warehouse)
    return market[0]
