"""Promises about learning: neither layout nor a kill changes the model, labels do not leak."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import deltalake
import pandas as pd
import pytest
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

from housing_spark import judging, pricing, scoring
from housing_spark.metrics import rmse_expr
from housing_spark.registering import registry_of
from housing_spark.settings import load_settings
from housing_spark.tables import Run
from tests.conftest import NO_GATES, give_model_store, run_stages
from tests.pipeline.conftest import MARKET_SETS, again, market_run, run_on, write_market

ROOT = Path(__file__).parent.parent.parent


PRICES = ("prediction", "prediction_lower", "prediction_upper")
TO_A_MODEL = ("ingest", "clean", "features", "train")


def start_job(warehouse: Path, source: Path, *options: str) -> subprocess.Popen[bytes]:
    """The pipeline in a process of its own."""
    words = [word for text in (*MARKET_SETS, NO_GATES) for word in ("--set", text)]
    command = [sys.executable, str(ROOT / "jobs" / "pipeline.py"), "--dataset", "market", "--input", str(source)]
    return subprocess.Popen(
        [*command, "--warehouse", str(warehouse), *words, *options], env=os.environ | {"PYTHONPATH": str(ROOT)}
    )


def table(warehouse: Path, name: str) -> Any:
    return deltalake.DeltaTable(warehouse / "market" / name).to_pandas()


def trials(warehouse: Path) -> list[Sequence[Any]]:
    rows = table(warehouse, "trials").sort_values(["estimator", "number"])
    return rows[["estimator", "number", "parameters", "loss", "trees"]].to_numpy().tolist()


def assert_same_model(one: Path, other: Path) -> None:
    assert str(trials(one)) == str(trials(other))
    assert_same_prices(table(one, "predictions"), table(other, "predictions"))


def assert_same_prices(one: pd.DataFrame, other: pd.DataFrame) -> None:
    both = one.set_index("row_key").join(other.set_index("row_key"), rsuffix="_other", how="inner")
    assert len(both) == len(one) == len(other)
    for name in PRICES:
        assert ((both[name] / both[f"{name}_other"] - 1).abs() <= 1e-9).all()


def test_the_number_of_files_does_not_change_the_model(finished: Any, spark: SparkSession, tmp_path: Path) -> None:
    first = finished[0] / "warehouse"
    forty = market_run(spark, tmp_path, 40, NO_GATES)
    run_stages(forty, *TO_A_MODEL)
    assert str(trials(first)) == str(trials(tmp_path / "warehouse"))
    model = registry_of(forty).load(1)
    native = pricing.native_trees(forty, model)
    priced = scoring.price_rows(forty.warehouse.read("features"), model.pipeline, native, "forty", None)
    assert_same_prices(table(first, "predictions"), priced.select("row_key", *PRICES).toPandas())


def test_a_search_killed_on_one_core_goes_on_on_two_as_if_nothing_had_been(
    finished: Any, spark: SparkSession, tmp_path: Path
) -> None:
    warehouse, files = tmp_path / "warehouse", write_market(spark, tmp_path, 7)
    give_model_store(warehouse)
    job = start_job(warehouse, files, "--spark-conf", "spark.master=local[1]")
    log = warehouse / "market" / "trials" / "_delta_log"
    while not list(log.glob("*.json")):  # the first record; the next one waits for more trials
        assert job.poll() is None, "the job ended before it could be killed"
        time.sleep(0.05)
    job.send_signal(signal.SIGKILL)
    job.wait()
    before = table(warehouse, "trials")
    reports = run_stages(run_on(spark, tmp_path, NO_GATES))
    assert [reports[name].status for name in ("ingest", "clean", "features")] == ["already applied"] * 3
    after = table(warehouse, "trials")
    assert 1 <= len(before) < len(after)
    kept = after.merge(before, on=["study", "estimator", "number", "mlflow_run_id", "finished_at"])
    assert len(kept) == len(before)
    assert_same_model(finished[0] / "warehouse", warehouse)


def test_shuffled_labels_leave_nothing_to_learn(spark: SparkSession, tmp_path: Path) -> None:
    run = market_run(spark, tmp_path, 1, NO_GATES)
    rows = spark.read.csv(run.input, header=True)
    numbered = rows.withColumn("place", F.row_number().over(Window.orderBy(F.xxhash64("sale_id"))))
    prices = rows.select(
        "price", F.row_number().over(Window.orderBy(F.xxhash64("sale_id", F.lit("other")))).alias("place")
    )
    shuffled = numbered.drop("price").join(prices, on="place", how="inner").drop("place")
    shuffled.coalesce(1).write.csv(str(tmp_path / "shuffled"), header=True)
    shuffled_run = replace(run, input=str(tmp_path / "shuffled"))
    run_stages(shuffled_run, *TO_A_MODEL)
    judged = judging.judged_rows(shuffled_run, registry_of(shuffled_run).load(1)).where("split = 'test'")
    figures = judged.agg(rmse_expr(F.col("label"), F.col("prediction")), F.stddev_pop("label")).collect()[0]
    assert figures[0] / figures[1] >= 0.99


def test_a_grid_with_cross_validation_is_an_option(market_copy: Any) -> None:
    sets = [
        "search.method=grid", "training.validation=cv", "training.folds=2", "training.candidates=[elastic_net]",
        "search.spaces.elastic_net={regularization: {low: 0.001, high: 0.01, points: 2}, l1_share: {choices: [0.5]}, "
        "log_target: {choices: [true, false]}}",
    ]  # fmt: skip
    found = trials_of(market_copy[0], *sets)
    assert len(found) == 4
    assert found["parameters"].nunique() == 4


OTHER_WAYS = [
    ("gbt, random_forest", {"gbt": 2, "random_forest": 1}, ("training.engine=mllib", "search.method=random")),
    ("gbt", {"gbt": 2}, ("training.validation=cv", "training.folds=2", "search.mode=executors")),
]


@pytest.mark.parametrize(("candidates", "counts", "sets"), OTHER_WAYS, ids=["engine mllib", "folds on executors"])
def test_trees_can_be_fitted_in_other_ways(
    candidates: str, counts: dict[str, int], sets: Sequence[str], market_copy: Any
) -> None:
    budget = "search.max_evals={gbt: 2, random_forest: 1}"
    found = trials_of(market_copy[0], f"training.candidates=[{candidates}]", budget, *sets)
    assert found["estimator"].value_counts().to_dict() == counts
    assert (found.query("estimator == 'gbt'")["trees"] > 0).all()
    assert (found["loss"] < table(Path(market_copy[0].settings.warehouse), "features")["label"].std()).all()


def trials_of(run: Run, *sets: str) -> pd.DataFrame:
    """The trials of a new model by these settings."""
    warehouse = run.settings.warehouse
    settings = load_settings("local", [f"warehouse={warehouse}", *MARKET_SETS, *sets], {})
    assert run_stages(again(run, "other", settings=settings), "train")["train"].status == "done"
    found = table(Path(warehouse), "trials")
    return found[found["study"] == found.loc[found["finished_at"].idxmax(), "study"]]
