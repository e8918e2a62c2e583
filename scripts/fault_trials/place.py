"""Where trials work: one warehouse at one path, put into the state that a trial begins with."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import deltalake
import pandas as pd
from mlflow import MlflowClient

HOME = Path(os.environ.get("FAULTS_DIR", ".faults")).absolute()
WORK = HOME / "work"
WAREHOUSE = WORK / "warehouse"
FIRST, SECOND, INPUT = (HOME / "files" / name for name in ("first", "second", "input"))
_TRIED = (
    "housing_spark", "jobs", "conf", "setup.py", "pyproject.toml", "requirements.lock", "requirements-java.lock",
    "spark-defaults.conf", "scripts/fault_trials", "scripts/cluster", "scripts/submit",
    ":!scripts/fault_trials/__main__.py", ":!scripts/fault_trials/results.py",  # they only keep the books
)  # fmt: skip
_HOUSING = str(Path(sys.executable).with_name("housing"))
_RUNNING: "list[subprocess.Popen[bytes]]" = []
ROWS = {"first": 1_500, "second": 300}
_SETTINGS = (
    "quality.gates=[]", "gate.mode=off", "training.candidates=[gbt]", "search.max_evals={gbt: 4}",
    "search.spaces.gbt.max_trees={choices: [30]}", "search.spaces.gbt.step_size={low: 0.1, high: 0.2, scale: log}",
    "search.spaces.gbt.max_depth={low: 3, high: 4, integer: true}", "split.by_time=false", "training.blend=2",
)  # fmt: skip
# The commands that lead from one state to the next.
PATH = {
    "empty": (),
    "ingested": ("ingest", "--input", str(FIRST)),
    "cleaned": ("clean",),
    "described": ("features",),
    "trained": ("train",),
    "evaluated": ("evaluate",),
    "promoted": ("promote",),
    "priced": ("score",),
}
# What differs between two runs that did the same.
_TIMES = (
    "ingested_at",
    "quarantined_at",
    "scored_at",
    "finished_at",
    "seconds",
    "mlflow_run_id",
    "prediction_id",
    "scoring_run_id",
)


def _git(*words: str) -> str:
    return subprocess.run(("git", *words, "--", *_TRIED), capture_output=True, text=True, check=True).stdout.strip()


IS_CHANGED = bool(_git("status", "--porcelain"))
# The last that changed what trials try: pages may change since.
COMMIT = _git("log", "-1", "--format=%h") + ("-changed" if IS_CHANGED else "")
STATES = HOME / "states" / COMMIT


def words(command: Sequence[str]) -> list[str]:
    """A command with the options of all trials."""
    sets = [word for setting in _SETTINGS for word in ("--set", setting)]
    return [command[0], "--dataset", "market", "--warehouse", str(WAREHOUSE), *command[1:], *sets, "--json"]


def started(command: Sequence[str], environment: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """A command in a process of its own, a group of its own: what it prints goes to a file."""
    env = os.environ | {"PYTHONPATH": str(Path.cwd())} | environment
    with log.open("wb") as out:
        process = subprocess.Popen(
            [_HOUSING, *words(command)],
            env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    _RUNNING.append(process)
    return process


def last_line(log: Path) -> str:
    """What a process said last."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""


def told_by(program: str, argument: str, limit: float) -> list[str]:
    """The problems that a program of this folder tells in its last line, from a process of its own."""
    with (HOME / program).with_suffix(".log").open("wb") as log:
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name(program)), argument],
            env=os.environ | {"PYTHONPATH": str(Path.cwd())}, stdout=subprocess.PIPE, stderr=log, timeout=limit,
            check=False,
        )  # fmt: skip
    lines = done.stdout.splitlines()
    return list(json.loads(lines[-1])["problems"]) if lines else [f"{program}: exit {done.returncode}"]


def prepare(state: str) -> None:
    """Put the warehouse into a state; each is made once, by undisturbed commands."""
    while _RUNNING:
        _end(_RUNNING.pop())
    for folder, seed in ((FIRST, 3), (SECOND, 4)):
        if not folder.exists():
            make_files(folder, ROWS[folder.name], seed)
    saved = STATES / state
    if not saved.exists():
        _make_state(state)
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(saved, WORK)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """What a trial left behind that did not end."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def fingerprint(table: str) -> tuple[int, int] | None:
    """Rows of a table, and a checksum of their content in any order, as delta-rs reads them."""
    path = WAREHOUSE / "market" / table
    if not deltalake.DeltaTable.is_deltatable(str(path)):
        return None
    rows = deltalake.DeltaTable(path).to_pandas()
    kept = rows.drop(columns=[name for name in _TIMES if name in rows])
    if "model_version" in kept:  # a version that was never finished keeps its number: the next one has another
        kept["model_version"] = kept["model_version"].rank(method="dense")
    kept = kept.astype(str)
    return len(rows), int(pd.util.hash_pandas_object(kept, index=False).sum())


def fingerprints() -> dict[str, tuple[int, int] | None]:
    """Of the tables that hold rows of the dataset."""
    return {table: fingerprint(table) for table in ("raw", "clean", "quarantine", "features", "predictions")}


def undisturbed(state: str) -> dict[str, tuple[int, int] | None]:
    """The same of a state that no fault has met."""
    prepare(state)
    return fingerprints()


def make_files(folder: Path, rows: int, seed: int, dirt_share: float = 0.003) -> None:
    """Sales of the market as CSV files, with such a share of each kind of dirt."""
    dirt = ["--dirt", "all", "--dirt-share", str(dirt_share)] if dirt_share else []
    made = folder.with_name(f"{folder.name}-made")
    shutil.rmtree(made, ignore_errors=True)
    command = ["generate", "--rows", str(rows), "--output", str(made), "--seed", str(seed), *dirt]
    subprocess.run([_HOUSING, *command], check=True)
    for file in made.glob(".*.crc"):  # files are changed, as Hadoop would not
        file.unlink()
    made.rename(folder)


def _make_state(state: str) -> None:
    names = list(PATH)
    before = names[names.index(state) - 1] if state != "empty" else None
    if before is None:
        shutil.rmtree(WORK, ignore_errors=True)
        WAREHOUSE.mkdir(parents=True)
        MlflowClient(f"sqlite:///{WAREHOUSE}/mlflow.db").search_experiments()
    else:
        prepare(before)
        log = HOME / f"{state}.log"
        if started(PATH[state], {}, log).wait():
            raise RuntimeError(f"the undisturbed command failed, see {log}")
    copied = HOME / "copied"
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(WORK, copied)
    STATES.mkdir(parents=True, exist_ok=True)
    copied.rename(STATES / state)
