"""Every notebook runs from top to bottom on a clean warehouse; the runner is strict about what it is given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from housing_spark.cli import main
from housing_spark.errors import ConfigurationError, ResourceMissingError
from housing_spark.notebooks import read_cells, run_notebook
from tests.conftest import give_model_store

ROOT = Path(__file__).parent.parent.parent
FIRST = "# Databricks notebook source\n"
SMALL = {
    "SPLIT__BY_TIME": "false",
    "TRAINING__CANDIDATES": "[gbt, elastic_net]",
    "SEARCH__SPACES__GBT__MAX_TREES": "{choices: [8]}",
    "SEARCH__SPACES__ELASTIC_NET__LOG_TARGET": "{choices: [true]}",
    "SEARCH__SPACES__ELASTIC_NET__REGULARIZATION": "{low: 0.0001, high: 0.001, scale: log}",
}
# The third finds an unpriced warehouse and runs the pipeline; the second then has nothing to do.
SHOWN = {"01_explore": (4, 4), "03_model": (3, 4), "02_pipeline": (5, 0), "04_sql": (8, 0)}


def test_notebooks_run_from_top_to_bottom(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {path.stem for path in (ROOT / "notebooks").glob("*.py")} == set(SHOWN)
    contract = (ROOT / "conf/datasets/market.yaml").read_text().replace("dataset: market", "dataset: notebook_market")
    (tmp_path / "contract.yaml").write_text(contract)
    for name, value in SMALL.items():
        monkeypatch.setenv(f"HOUSING_{name}", value)
    values = {
        "dataset": str(tmp_path / "contract.yaml"), "input": "market:rows=4000,seed=3",
        "warehouse": str(tmp_path / "warehouse"), "trials": "2",
    }  # fmt: skip
    give_model_store(tmp_path / "warehouse")
    for name, (tables, figures) in SHOWN.items():
        known = {key: value for key, value in values.items() if name != "01_explore" or key != "trials"}
        known |= {"discount": "0"} if name == "04_sql" else {}
        shown = run_notebook(ROOT / "notebooks" / f"{name}.py", spark, known, tmp_path / "out")
        assert len(shown.rows) == tables
        assert all(shown.rows), name
        assert len(shown.figures) == figures
        assert all(figure.stat().st_size > 5_000 for figure in shown.figures)
        printed = capsys.readouterr().out
        assert name != "02_pipeline" or printed.count("already applied") == 7
    spark.sql("USE default")


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[[str], Path]:
    def write(*cells: str) -> Path:
        (tmp_path / "n.py").write_text(FIRST + "\n\n# COMMAND ----------\n\n".join(cells))
        return tmp_path / "n.py"

    return write


def test_widgets_come_from_the_command_the_environment_or_the_default(
    spark: SparkSession, notebook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    widgets = "\n".join(f'dbutils.widgets.text("{name}", "default")' for name in "abc")
    sql = "# MAGIC %sql SELECT :a || ':' || :b || ';' AS one; -- done;\n# MAGIC SELECT :c AS two;"
    file = notebook("# MAGIC %md\n# MAGIC # Title", widgets, sql, "print(dbutils.widgets.getAll())")
    monkeypatch.setenv("HOUSING_WIDGET_B", "environment")
    shown = run_notebook(file, spark, {"a": "given"}, tmp_path)
    printed = capsys.readouterr().out
    assert "given:environment;" in printed
    assert "{'a': 'given', 'b': 'environment', 'c': 'default'}" in printed
    assert shown.rows == [1, 1]


def test_an_error_names_the_line_of_the_file(spark: SparkSession, notebook: Any, tmp_path: Path) -> None:
    file = notebook("x = 1", "y = x\nnot_there")
    with pytest.raises(NameError) as failed:
        run_notebook(file, spark, {}, tmp_path)
    assert (failed.traceback[-1].path, failed.traceback[-1].lineno) == (file, 6)
    assert file.read_text().splitlines()[6] == "not_there"


def test_what_is_no_notebook_and_no_widget_is_refused(
    spark: SparkSession, notebook: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = notebook('dbutils.widgets.dropdown("size", "s", ["s", "m"])')
    with pytest.raises(ConfigurationError, match="no widget siez; known: size"):
        run_notebook(declared, spark, {"siez": "m"}, tmp_path)
    with pytest.raises(ConfigurationError, match="widget size: got l, expected one of s, m"):
        run_notebook(declared, spark, {"size": "l"}, tmp_path)
    with pytest.raises(ConfigurationError, match="widget other: not declared"):
        run_notebook(notebook('dbutils.widgets.get("other")'), spark, {}, tmp_path)
    with pytest.raises(ConfigurationError, match=r"line 2: %pip is not known here"):
        read_cells(notebook("# MAGIC %pip install x"))
    (tmp_path / "plain.py").write_text("x = 1\n")
    with pytest.raises(ConfigurationError, match="E-NB-002"):
        read_cells(tmp_path / "plain.py")
    with pytest.raises(ResourceMissingError, match="E-NB-001"):
        read_cells(tmp_path / "none.py")
    with pytest.raises(SystemExit) as ended:
        main(["notebook", str(declared), "size"])
    assert ended.value.code == 2
    assert "size: expected NAME=VALUE" in capsys.readouterr().err
