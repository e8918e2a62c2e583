"""``dbutils.widgets`` and ``display`` outside Databricks."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame

from housing_spark import progress
from housing_spark.errors import ConfigurationError

_PREFIX = "HOUSING_WIDGET_"
_SHOWN_ROWS = 20


class Widgets:
    """Parameters of a notebook: given by name, else from ``HOUSING_WIDGET_<NAME>``, else the default."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._values: dict[str, str] = {}

    def text(self, name: str, defaultValue: str, label: str = "") -> None:  # noqa: ARG002, N803  # as Databricks has it
        """Declare a text."""
        self._values[name] = self._given.get(name, os.environ.get(f"{_PREFIX}{name.upper()}", defaultValue))

    def dropdown(self, name: str, defaultValue: str, choices: Sequence[str], label: str = "") -> None:  # noqa: N803  # the same
        """Declare a choice.

        Raises:
            ConfigurationError: The value is none of the choices.
        """
        self.text(name, defaultValue, label)
        if self._values[name] not in choices:
            raise ConfigurationError(
                "E-NB-004", f"widget {name}: got {self._values[name]}, expected one of {', '.join(choices)}"
            )

    def get(self, name: str) -> str:
        """The value of a declared widget.

        Raises:
            ConfigurationError: It was not declared.
        """
        if name not in self._values:
            raise ConfigurationError("E-NB-004", f"widget {name}: not declared; known: {', '.join(self._values)}")
        return self._values[name]

    def getAll(self) -> dict[str, str]:  # noqa: N802  # as Databricks has it
        """Every value by name."""
        return dict(self._values)


class Dbutils:
    """The part of ``dbutils`` that notebooks of this project use."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.widgets = Widgets(given)


class Display:
    """Shows tables on standard output and writes figures as PNG files."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self.rows: list[int] = []
        self.figures: list[Path] = []

    def __call__(self, value: Any) -> None:
        """Show a Spark or pandas frame (20 rows at most), or a matplotlib figure."""
        if isinstance(value, DataFrame):
            self._show(value.columns, [tuple(row) for row in value.limit(_SHOWN_ROWS).collect()])
        elif isinstance(value, pd.DataFrame):
            self._show(list(value.columns), list(value.head(_SHOWN_ROWS).itertuples(index=False, name=None)))
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / f"{self._name}-{len(self.figures) + 1}.png"
            value.savefig(file, dpi=120, bbox_inches="tight")
            self.figures.append(file)
            progress.say(f"figure: {file}")

    def _show(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.rows.append(len(rows))
        progress.show_rows(columns, rows)
