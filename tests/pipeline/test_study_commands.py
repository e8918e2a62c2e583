"""Studies by command: made once, and told by tables, views and page."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark import views
from housing_spark.evaluation import report
from housing_spark.registering import registry_of
from housing_spark.tables import Warehouse
from tests.pipeline.conftest import copy_of
from tests.pipeline.test_commands import on_market


@pytest.fixture(scope="module")
def studied(spark: SparkSession, finished: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    run = copy_of(finished, tmp_path_factory.mktemp("studied"), spark)
    return run, finished[1]


def test_studies_are_made_once_and_told_in_tables_and_page(studied: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run = studied[0]
    page = Path(run.warehouse.location) / "_reports" / "v1" / "index.html"
    assert "How far does it carry?" not in page.read_text()
    words = ("evaluate", "--validation", "--learning-curve", "--set", "studies.curve_shares=[0.25, 1.0]")
    assert on_market(studied, *words, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert [one["status"] for one in result["stages"]] == ["done", "done"]
    assert [fit["name"] for fit in result["studies"]["validation"]] == ["random", "time", "spatial"]
    assert [fit["name"] for fit in result["studies"]["learning_curve"]] == ["0.25", "1"]
    text = page.read_text()
    assert "How far does it carry?" in text
    assert "in a new neighbourhood is" in text
    assert {"rows_curve.svg"} < {path.name for path in (page.parent / "plots").iterdir()}
    rows, made = run.warehouse.read("model_studies").count(), page.stat().st_mtime_ns
    assert on_market(studied, *words) == 0
    shown = capsys.readouterr().err
    assert shown.count("│ already applied") == 2
    assert "gap to random" in shown
    assert "An honest RMSE in a new neighbourhood" in shown
    assert (run.warehouse.read("model_studies").count(), page.stat().st_mtime_ns) == (rows, made)


def test_sql_answers_as_the_table_does(studied: Any, tmp_path: Path) -> None:
    run = studied[0]
    shutil.copytree(run.warehouse.location, tmp_path / "market_studied")
    asked = Warehouse(run.spark, str(tmp_path), "market_studied")
    views.register(asked)
    found = report.gather_studies(run.warehouse.read("model_studies"), 1)
    schemes = views.answer(asked, "validation_schemes").toPandas().set_index("scheme")
    assert schemes.gap["spatial"] == found["validation"][2].compared[0]
    assert schemes.gap.isna()["random"]
    curve = views.answer(asked, "learning_curve").toPandas()
    assert curve.share.to_list() == [0.25, 1.0]
    assert curve.rmse.to_list() == [fit.rmse[0] for fit in found["learning_curve"]]


def test_the_whole_learning_curve_is_the_model_itself(studied: Any) -> None:
    """The same rows, parameters and stages give the registered model again."""
    run = studied[0]
    model = registry_of(run).load(1)
    fits = report.gather_studies(run.warehouse.read("model_studies"), 1)["learning_curve"]
    figures = run.warehouse.read("model_metrics").where((F.col("split") == "test") & (F.col("segment_column") == "all"))
    [rmse] = figures.where("metric = 'rmse' and model_version = 1").collect()
    assert model.record["winner"]["estimator"] in ("gbt", "elastic_net")
    assert fits[-1].rmse[0] == pytest.approx(rmse["value"], rel=1e-9)


def test_a_study_needs_a_model_that_was_judged(studied: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert on_market(studied, "evaluate", "--ablation", "--model-version", "7") == 3
    assert "E-REG-003 model version 7 has no test figures" in capsys.readouterr().err
    assert on_market(studied, "evaluate", "--model-version", "1") == 2
    assert "E-CLI-010 --model-version 1: belongs to a study" in capsys.readouterr().err
