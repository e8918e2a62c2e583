"""Notebooks in Databricks' source format: Python files whose comments separate cells and hold other languages."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlglot

from housing_spark.errors import ConfigurationError, ResourceMissingError

_FIRST_LINE = "# Databricks notebook source"
_SEPARATOR = "# COMMAND ----------"
_MAGIC = "# MAGIC "
_WIDGET = re.compile(r"dbutils\.widgets\.\w+\(\s*\"(\w+)\"")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")
_LANGUAGES: dict[str, Literal["md", "sql"]] = {"%md": "md", "%sql": "sql"}


@dataclass(frozen=True)
class Cell:
    """One cell: its language, its text, and the line of the file it starts on."""

    language: Literal["python", "md", "sql"]
    text: str
    line: int

    @property
    def statements(self) -> list[str]:
        """The statements of an SQL cell."""
        ends = [token.start for token in sqlglot.tokenize(self.text, "spark") if token.token_type.name == "SEMICOLON"]
        pieces = [
            self.text[start:end] for start, end in zip([0, *[end + 1 for end in ends]], [*ends, None], strict=True)
        ]
        return [piece.strip() for piece in pieces if piece.strip()]

    @property
    def widgets(self) -> set[str]:
        """Names of the widgets that the cell declares or reads."""
        pattern = {"python": _WIDGET, "sql": _PARAMETER}.get(self.language)
        return set(pattern.findall(self.text)) if pattern else set()


def read_cells(path: str | Path) -> list[Cell]:
    """The cells of a notebook, in order.

    Raises:
        ResourceMissingError: There is no such file.
        ConfigurationError: The file is no notebook, or has a magic other than %md and %sql.
    """
    file = Path(path)
    if not file.is_file():
        raise ResourceMissingError("E-NB-001", f"{file}: no such notebook")
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] != _FIRST_LINE:
        raise ConfigurationError("E-NB-002", f"{file}: the first line is not '{_FIRST_LINE}'")
    starts = [place for place, line in enumerate(lines) if place == 0 or line == _SEPARATOR]
    blocks = zip(starts, [*starts[1:], len(lines)], strict=True)
    cells = [_cell(lines[start + 1 : end], start + 2, file) for start, end in blocks]
    return [cell for cell in cells if cell.text.strip()]


def _cell(lines: list[str], line: int, file: Path) -> Cell:
    given = [text for text in lines if text.strip()]
    if not given or not all(text.startswith(_MAGIC.rstrip()) for text in given):
        return Cell("python", "\n".join(lines), line)
    magic, _, rest = "\n".join(text[len(_MAGIC) :] for text in given).partition("\n")
    word, _, first = magic.partition(" ")
    if word not in _LANGUAGES:
        raise ConfigurationError("E-NB-003", f"{file} line {line}: {word} is not known here; use %md or %sql")
    return Cell(_LANGUAGES[word], f"{first}\n{rest}", line)
