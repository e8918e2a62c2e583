"""What a person sees while a stage runs, on a terminal and elsewhere."""

import io
import logging

import pytest
from rich.console import Console

from housing_spark import progress
from housing_spark.log import configure_logging

LOG = logging.getLogger("housing_spark.training.search")


def seen(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> str:
    screen = io.StringIO()
    monkeypatch.setattr(progress, "_CONSOLE", Console(file=screen, force_terminal=is_terminal, width=120))
    with progress.working_on("train", 4, 7):
        LOG.info("gbt: 3 of 8 trials", extra={"fields": {"done": 3, "total": 14}})
    return screen.getvalue()


def test_a_terminal_shows_what_runs_and_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("run", form="text", level="INFO")
    shown = seen(monkeypatch, is_terminal=True)
    assert "4/7 train" in shown
    assert "gbt: 3 of 8 trials" in shown
    assert "3 of 8" not in capsys.readouterr().err


def test_elsewhere_the_log_is_enough(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("run", form="text", level="INFO")
    assert seen(monkeypatch, is_terminal=False) == ""
    assert "gbt: 3 of 8 trials" in capsys.readouterr().err
