"""One Spark session for all tests, and small helpers to make contracts and runs."""

import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from mlflow import MlflowClient
from pyspark.sql import SparkSession

from housing_spark import pipeline
from housing_spark.contract import Contract, load_contract
from housing_spark.materializing import checkpoints
from housing_spark.session import start_session
from housing_spark.settings import load_settings
from housing_spark.tables import Run, StageReport

NO_GATES = "quality.gates=[]"  # tests of other things do without; the runs on the market have all of them
SMALL_SEARCH = (
    "search.max_evals={gbt: 2}",
    "search.spaces.gbt.max_trees={choices: [30]}",
    "search.spaces.gbt.step_size={low: 0.1, high: 0.2, scale: log}",  # so few trees need longer steps, and all errors
    "search.spaces.gbt.huber_delta={choices: [100]}",
    "search.spaces.gbt.max_depth={low: 3, high: 4, integer: true}",
    "search.spaces.gbt_mllib.max_trees={choices: [8]}",
    "search.spaces.gbt_mllib.max_depth={low: 3, high: 4, integer: true}",
    "search.spaces.random_forest.trees={choices: [8]}",
    "search.spaces.random_forest.max_depth={choices: [6]}",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    if "spark" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.spark)


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """A command binds the log to the standard error of its own test."""
    yield
    root = logging.getLogger()
    for handler in [one for one in root.handlers if type(one) is logging.StreamHandler]:
        root.removeHandler(handler)
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder = tmp_path_factory.mktemp("spark")
    # Long enough that well compiled code pays, but for the hottest alone: the default thresholds cost a sixth more.
    hot = ("InvocationThreshold=50000", "MinInvocationThreshold=6000", "CompileThreshold=150000")
    flags = [f"-XX:Tier4{one}" for one in (*hot, "BackEdgeThreshold=400000")]
    if sys.platform == "linux":  # Hadoop starts a program for each file it makes; elsewhere Java refuses the quick way
        flags.append("-Djdk.lang.Process.launchMechanism=VFORK")
    flags += ["-XX:ReservedCodeCacheSize=256m", "-XX:+UseParallelGC"]
    java = {"spark.driver.extraJavaOptions": " ".join(flags)}
    conf = load_settings("local", [], {}).spark_conf | {"spark.master": "local[2]"} | java
    session = start_session("tests", conf, folder / "spark.log")
    with checkpoints(session, str(folder / "checkpoints")):
        yield session


def contract_writer(folder: Path) -> Callable[..., Contract]:
    """Writes contracts as YAML and loads them, as a user's own."""

    def write(**parts: Any) -> Contract:
        file = folder / f"{parts.get('dataset', 'contract')}.yaml"
        file.write_text(yaml.safe_dump(parts, sort_keys=False))
        return load_contract(str(file))

    return write


def run_maker(spark: SparkSession, folder: Path) -> Callable[..., Run]:
    """Makes runs on one warehouse."""
    numbers = iter(range(1000))

    def make(contract: Contract, source: str | Path | None = None, *sets: str, **options: Any) -> Run:
        sets = (f"warehouse={folder / 'warehouse'}", *SMALL_SEARCH, NO_GATES, *sets)
        settings = load_settings("local", sets, {})
        (folder / "warehouse" / contract.dataset).mkdir(parents=True, exist_ok=True)
        return Run(spark, settings, contract, f"run-{next(numbers)}", source and str(source), **options)

    return make


@pytest.fixture
def write_contract(tmp_path: Path) -> Callable[..., Contract]:
    return contract_writer(tmp_path)


@pytest.fixture
def make_run(spark: SparkSession, tmp_path: Path) -> Callable[..., Run]:
    return run_maker(spark, tmp_path)


def run_stages(run: Run, *names: str) -> dict[str, StageReport]:
    """Run the named stages, or all, in order."""
    if not names or "train" in names:
        give_model_store(Path(run.settings.warehouse))
    return {name: stage(run) for name, stage in pipeline.STAGES if not names or name in names}


def give_model_store(warehouse: Path) -> None:
    """An empty model store, where there is none: MLflow takes seconds to bring a new one up to date."""
    if not (warehouse / "mlflow.db").exists():
        warehouse.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(f"{_model_store().name}/mlflow.db", warehouse / "mlflow.db")


@cache
def _model_store() -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()
    MlflowClient(f"sqlite:///{folder.name}/mlflow.db").search_experiments()
    return folder
