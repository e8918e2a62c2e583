"""Run benchmarks, each in a process of its own, and print their figures as JSON lines."""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from figures import Figure

NAMES = (
    "quickstart",
    "fit",
    "search",
    "score",
    "layout",
    "accuracy_raw",
    "accuracy",
    "market",
    "ranges",
    "neighbours",
    "ingest",
    "scale",
    "gate",
    "convert",
    "studies",
    "explain",
)
_PACKAGES = ("pyspark", "delta-spark", "xgboost-cpu", "lightgbm", "mlflow")
_PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"


def main() -> int:
    """Returns 1 where a figure does not hold."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    parser.add_argument("--all", action="store_true", help="run them all")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    given = parser.parse_args()
    if given.list:
        print("\n".join(NAMES))
        return 0
    names = NAMES if given.all else tuple(given.names)
    unknown = [name for name in names if name not in NAMES]
    if unknown or not names:
        print(f"E-CLI-002 scripts/bench {' '.join(unknown)}: expected some of {' '.join(NAMES)}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    for figure in _run(names):
        print(json.dumps(asdict(figure)), flush=True)
        found.append(figure)
    if given.write:
        _write(found)
    return 0 if all(figure.holds for figure in found) else 1


def _run(names: tuple[str, ...]) -> Iterator[Figure]:
    if len(names) == 1:
        yield from import_module(names[0]).figures()
        return
    for name in names:
        command = [sys.executable, str(Path(__file__).parent), name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            yield from (Figure(**json.loads(line)) for line in process.stdout or ())
        if process.returncode not in {0, 1}:
            raise SystemExit(process.returncode)


def _write(figures: list[Figure]) -> None:
    """Rows of figures that were not measured now stay."""
    measured = {figure.figure for figure in figures}
    kept = [line for line in _PAGE.read_text().splitlines() if line.startswith("| `") and _figure(line) not in measured]
    rows = sorted([*kept, *(_row(figure) for figure in figures)])
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    _PAGE.write_text(
        f"""# Measurements

`scripts/bench --all --write` writes this page (`scripts/bench NAME --write` one part of it; `--list` names them). A
figure is the median of ratios of two things that ran in turn, or what its last column says; low and high are extremes.
Machine: {cpu_count()} cores ({platform.machine()}, shared with other work). Versions: {versions}.

| figure | day | median | low | high | pairs | bound | holds | what |
|---|---|---|---|---|---|---|---|---|
"""
        + "\n".join(rows)
        + "\n"
    )


def _figure(row: str) -> str:
    return row.split("`")[1]


def _row(figure: Figure) -> str:
    numbers = " | ".join(f"{number:,.3g}" if abs(number) < 1_000 else f"{number:,.0f}" for number in
                         (figure.value, figure.low, figure.high))  # fmt: skip
    holds = "" if figure.bound is None else "yes" if figure.holds else "**no**"
    day = datetime.now(UTC).date()
    return (
        f"| `{figure.figure}` | {day} | {numbers} | {figure.pairs} | {figure.bound or ''} | {holds} | {figure.what} |"
    )


if __name__ == "__main__":
    sys.exit(main())
