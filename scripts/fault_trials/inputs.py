"""Trials with files that nobody should give: twice, still being written, and full of bad rows."""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import deltalake
from kills import aftermath
from place import FIRST, HOME, INPUT, WAREHOUSE, fingerprint, last_line, make_files, prepare, started

_INGEST = ("ingest", "--input", str(INPUT))
_REFUSED = 3
_DIRTY_ROWS = 100_000


def twin(_seed: int) -> list[str]:
    """The same bytes under another name add nothing."""
    prepare("ingested")
    expected, file = fingerprint("raw"), _copied_input()
    shutil.copyfile(file, file.with_name("twin.csv"))
    code = started(_INGEST, {}, HOME / "twin.log").wait(600)
    problems = [] if code == 0 else [f"exit {code}"]
    return problems + ([] if fingerprint("raw") == expected else ["rows were added"]) + aftermath([list(_INGEST)])


def still_written(seed: int) -> list[str]:
    """A file grows while it is read: it is refused, and comes in whole when it rests."""
    prepare("empty")
    file, log = _copied_input(), HOME / "growing.log"
    process = started(_INGEST, {"HOUSING_ENABLE_FAULTS": "1", "HOUSING_FAULT": "ingest/before/raw:stop"}, log)
    while process.poll() is None and _state(process.pid) != "T":
        time.sleep(0.05)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines, random.Random(seed).choice(lines[1:])]))  # noqa: S311  # no secret
    os.killpg(process.pid, signal.SIGCONT)
    code, said = process.wait(600), log.read_text(errors="replace")
    is_said = code == _REFUSED and "E-ING-006" in said
    problems = [] if is_said else [f"exit {code}: {last_line(log)}"]
    problems += aftermath([list(_INGEST)])
    rows, expected = fingerprint("raw"), sum(len(one.read_bytes().splitlines()) - 1 for one in INPUT.glob("*.csv"))
    return problems + ([] if rows and rows[0] == expected else [f"{rows} rows of {expected}"])


def bad_rows(seed: int) -> list[str]:
    """Every kind of bad row at once: each is set aside with a reason, and every row is somewhere."""
    prepare("empty")
    shutil.rmtree(INPUT, ignore_errors=True)
    make_files(INPUT, _DIRTY_ROWS, seed, 0.004)
    problems = aftermath([list(_INGEST), ["clean"]])
    tables = {name: deltalake.DeltaTable(WAREHOUSE / "market" / name) for name in ("raw", "clean", "quarantine")}
    counts = {name: table.to_pyarrow_dataset().count_rows() for name, table in tables.items()}
    reasons = tables["quarantine"].to_pandas(columns=["reasons"])["reasons"]
    if any(len(reason) == 0 for reason in reasons):
        problems.append("a row was set aside without a reason")
    return problems + _conserved(counts)


def _conserved(counts: dict[str, int]) -> list[str]:
    done = deltalake.DeltaTable(WAREHOUSE / "market" / "job_runs").to_pandas()
    twins = int(done[(done["job"] == "clean") & (done["status"] == "done")]["rows_duplicate"].sum())
    if counts["raw"] == counts["clean"] + counts["quarantine"] + twins and counts["quarantine"]:
        return []
    return [f"{counts} and {twins} duplicates"]


def _copied_input() -> Path:
    shutil.rmtree(INPUT, ignore_errors=True)
    shutil.copytree(FIRST, INPUT)
    return next(INPUT.glob("*.csv"))


def _state(process: int) -> str:
    """As the system calls it: T is stopped."""
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
