"""Help is there for every command, with an example."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from housing_spark.commands import app

COMMANDS = sorted(name for name in get_command(app).commands if name != "contract")  # type: ignore[attr-defined]  # a group


@pytest.mark.parametrize("words", [*([name] for name in COMMANDS), ["contract", "check"]], ids=" ".join)
def test_help_ends_with_an_example(words: list[str]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert f"Example: housing {' '.join(words)}" in shown.output
