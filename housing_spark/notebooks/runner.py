"""Executes a notebook from top to bottom, cell by cell, in one namespace."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from housing_spark.errors import ConfigurationError
from housing_spark.notebooks.shim import Dbutils, Display
from housing_spark.notebooks.source import Cell, read_cells


def run_notebook(path: str | Path, spark: SparkSession, widgets: Mapping[str, str], output: Path) -> Display:
    """Run a notebook; returns what it displayed.

    Args:
        path: The notebook.
        spark: The session.
        widgets: Values by name.
        output: Folder for figures.

    Raises:
        ConfigurationError: A value for a widget that the notebook does not have.
    """
    cells = read_cells(path)
    known = set().union(*(cell.widgets for cell in cells))
    if not widgets.keys() <= known:
        raise ConfigurationError(
            "E-NB-004",
            f"{path}: no widget {', '.join(sorted(widgets.keys() - known))}; known: {', '.join(sorted(known))}",
        )
    os.environ.setdefault("MPLBACKEND", "Agg")
    dbutils, display = Dbutils(widgets), Display(output, Path(path).stem)
    namespace = {"__name__": "__main__", "spark": spark, "dbutils": dbutils, "display": display}
    for cell in cells:
        _run_cell(cell, str(path), namespace)
    return display


def _run_cell(cell: Cell, path: str, namespace: dict[str, Any]) -> None:
    if cell.language == "python":
        lines_before = "\n" * (cell.line - 1)
        exec(compile(lines_before + cell.text, path, "exec"), namespace)  # noqa: S102  # the user's own notebook
    elif cell.language == "sql":
        parameters = {name: namespace["dbutils"].widgets.get(name) for name in cell.widgets}
        for statement in cell.statements:
            namespace["display"](namespace["spark"].sql(statement, args=parameters))
