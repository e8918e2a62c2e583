"""After a fault: the same commands again, in one process, and what must hold then. Prints one JSON line.

``python aftermath.py '[["clean"], …]'``
"""

import io
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

import deltalake
from place import WAREHOUSE, words

from housing_spark.cli import main


def ran(command: Sequence[str]) -> tuple[int, object]:
    """Exit code and JSON result of a command."""
    out = io.StringIO()
    code = 0
    try:
        with redirect_stdout(out):
            main(words(command))
    except SystemExit as end:
        code = int(end.code or 0)
    lines = [line for line in out.getvalue().splitlines() if line.startswith(("{", "["))]
    return code, json.loads(lines[-1]) if lines else None


def _versions() -> dict[str, int]:
    """Of all tables but the records of commands."""
    tables = [path.name for path in (WAREHOUSE / "market").iterdir() if (path / "_delta_log").is_dir()]
    return {name: deltalake.DeltaTable(WAREHOUSE / "market" / name).version() for name in tables if name != "job_runs"}


def _problems(commands: Sequence[Sequence[str]]) -> list[str]:
    problems = []
    for command in commands:
        code, _ = ran(command)
        if code:
            problems.append(f"{command[0]} again: exit {code}")
    before = _versions()
    for command in commands:
        code, result = ran(command)
        applied = [stage["status"] for stage in result["stages"]] if isinstance(result, dict) else []
        if code or any(status != "already applied" for status in applied):
            problems.append(f"{command[0]} a third time: exit {code}, {applied}")
    if _versions() != before:
        problems.append(f"a third time wrote: {before} became {_versions()}")
    _, findings = ran(["verify"])
    problems += [f"{one['table']} {one['check']}: {one['detail']}" for one in findings or () if not one["passed"]]
    _, symptoms = ran(["doctor"])
    problems += [
        f"doctor: {one['object']}: {one['found']}" for one in symptoms or () if "no commit names" not in one["found"]
    ]
    return problems


if __name__ == "__main__":
    print(json.dumps({"problems": _problems(json.loads(sys.argv[1]))}))
