"""What a person sees, on standard error: a spinner per stage and a closing table. Results go to standard output."""

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from housing_spark.tables import StageReport

_PIPE_WIDTH = 160
_CONSOLE = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _PIPE_WIDTH)


@contextmanager
def working_on(stage: str, place: int = 1, of: int = 1) -> Iterator[None]:
    """On a terminal, a line that follows the log: what runs, how far it is, how long it took and will take.

    Elsewhere the log's lines are enough.
    """
    if not _CONSOLE.is_terminal:
        yield
        return
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True), TextColumn("{task.fields[note]}", style="dim", markup=False),
    )  # fmt: skip
    title = f"{place}/{of} {stage}" if of > 1 else stage
    bar = Progress(*columns, console=_CONSOLE, transient=True)
    with bar, _following(bar, bar.add_task(title, total=None, note="")):
        yield


class _Follower(logging.Handler):
    """Shows the newest line of the log, and the share that is done where a line tells it."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        super().__init__(logging.INFO)
        self._bar, self._task = bar, task

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", {})
        self._bar.update(self._task, note=record.getMessage(), total=fields.get("total"), completed=fields.get("done"))


@contextmanager
def _following(bar: Progress, task: TaskID) -> Iterator[None]:
    """The bar takes the place of the package's plain lines; warnings still appear, above it."""
    logger, follower = logging.getLogger("housing_spark"), _Follower(bar, task)
    plain = [handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler]
    for handler in plain:
        handler.setStream(sys.stderr)  # the bar's own stream while it is drawn
        handler.setLevel(logging.WARNING)
    logger.addHandler(follower)
    try:
        yield
    finally:
        logger.removeHandler(follower)
        for handler in plain:
            handler.setStream(sys.__stderr__ or sys.stderr)
            handler.setLevel(logging.NOTSET)


def show_stages(reports: Sequence[StageReport]) -> None:
    """Print the closing table of a command."""
    table = Table()
    for name in ("stage", "status"):
        table.add_column(name)
    for name in ("rows in", "rows out", "set aside", "duplicates", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("table versions")
    for report in reports:
        counts = (report.rows_in, report.rows_out, report.rows_quarantined, report.rows_duplicate)
        versions = ", ".join(f"{name} v{version}" for name, version in report.tables.items())
        table.add_row(report.job, report.status, *(f"{count:,}" for count in counts), f"{report.seconds:.1f}", versions)
    _CONSOLE.print(table)


def show_headline(figures: dict[str, float], currency: str) -> None:
    """Print the error on test rows beside the baselines."""
    say(f"Error on {figures['rows']:,.0f} test rows, RMSE in {currency}:")
    for name, metric in (("model", "rmse"), ("least squares", "rmse_ols"), ("mean price", "rmse_mean_price")):
        say(f"  {name:<14}{figures[metric]:>12,.0f}")
    shares = f"{figures['within_10_percent']:.0%} within 10 %, {figures['within_20_percent']:.0%} within 20 %"
    say(f"  median error {figures['median_ape']:.1%}; {shares}; the range covers {figures['coverage']:.0%} of prices")


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table on standard output."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(f"{value:,.2f}" if isinstance(value, float) else str(value)) for value in row))
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)


def show_texts(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a small table of texts for a person; all but the first column stand at the right."""
    table = Table()
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if place else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    _CONSOLE.print(table)


def say(text: str) -> None:
    """Print a line for a person."""
    _CONSOLE.print(text, soft_wrap=True, markup=False)


def print_json(value: Any) -> None:
    """Print a result as one JSON line on standard output."""
    print_text(json.dumps(value, default=str))


def print_text(text: str) -> None:
    """Print a result on standard output."""
    sys.stdout.write(f"{text}\n")
