"""Two drivers at once: on one table, on one file, and after one that was killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import deltalake
from kills import aftermath, differences
from place import FIRST, HOME, SECOND, WAREHOUSE, prepare, started, undisturbed

_BUSY = 5
_APPENDS, _ROWS = 100, 10


def two_files(_seed: int) -> list[str]:
    """Two drivers take in two files: one waits or is told so, and after a second try every row is there once."""
    prepare("empty")
    commands = [("ingest", "--input", str(FIRST)), ("ingest", "--input", str(SECOND))]
    return _together(commands, [list(command) for command in commands]) + _taken_in(FIRST, SECOND)


def one_file(_seed: int) -> list[str]:
    """Two drivers take in the same file: its rows are there once."""
    prepare("empty")
    command = ("ingest", "--input", str(FIRST))
    return _together([command, command], [list(command)]) + _taken_in(FIRST)


def two_merges(_seed: int) -> list[str]:
    """Two drivers clean the same batch."""
    expected = undisturbed("cleaned")
    prepare("ingested")
    return _together([("clean",), ("clean",)], [["clean"]]) + differences(expected)


def _taken_in(*folders: Path) -> list[str]:
    """Whether every row of these files is there once; their lines are rows."""
    expected = sum(len(file.read_bytes().splitlines()) - 1 for folder in folders for file in folder.glob("*.csv"))
    found = deltalake.DeltaTable(WAREHOUSE / "market" / "raw").to_pyarrow_dataset().count_rows()
    return [] if found == expected else [f"raw has {found} rows, the files {expected}"]


def _together(commands: list[tuple[str, ...]], again: list[list[str]]) -> list[str]:
    logs = [HOME / f"driver{number}.log" for number in range(len(commands))]
    running = [started(command, {}, log) for command, log in zip(commands, logs, strict=True)]
    codes = sorted(process.wait(600) for process in running)
    problems = [] if codes in ([0, 0], [0, _BUSY]) else [f"exits {codes}"]
    if codes[-1] == _BUSY and not any("E-LOCK-001" in log.read_text(errors="replace") for log in logs):
        problems.append("E-LOCK-001 was not said")
    return problems + aftermath(again)


def stale_lock(_seed: int) -> list[str]:
    """The holder of the lock is killed: the next command runs."""
    expected = undisturbed("cleaned")
    prepare("ingested")
    holder = started(
        ("clean",), {"HOUSING_ENABLE_FAULTS": "1", "HOUSING_FAULT": "clean/started:stop"}, HOME / "holder.log"
    )
    lock = WAREHOUSE / "market" / ".lock"
    while holder.poll() is None and str(holder.pid) not in (lock.read_text() if lock.exists() else ""):
        time.sleep(0.05)
    time.sleep(15)  # until it stands still
    second = started(("clean",), {}, HOME / "second.log").wait(600)
    os.killpg(holder.pid, signal.SIGKILL)
    holder.wait()
    problems = [] if second == _BUSY else [f"beside a holder that stands still: exit {second}"]
    return problems + aftermath([["clean"]]) + differences(expected)


def many_appends(_seed: int) -> list[str]:
    """Two drivers append by turns as the lock lets them, 200 times in all: no row is lost, none is doubled."""
    prepare("ingested")
    program = str(Path(__file__).with_name("appending.py"))
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    running = [
        subprocess.Popen(
            [sys.executable, program, name, str(_APPENDS), str(_ROWS)], env=environment, stdout=subprocess.PIPE
        )
        for name in ("one", "other")
    ]
    acknowledged = [
        key for process in running for key in json.loads(process.communicate(timeout=3000)[0].splitlines()[-1])
    ]
    found = deltalake.DeltaTable(WAREHOUSE / "market" / "appended").to_pandas()["key"].tolist()
    lost, doubled = set(acknowledged) - set(found), len(found) - len(set(found))
    problems = [f"{len(lost)} rows lost, {doubled} doubled"] if lost or doubled else []
    if len(acknowledged) != 2 * _APPENDS * _ROWS:
        problems.append(f"{len(acknowledged)} rows were acknowledged")
    return problems
