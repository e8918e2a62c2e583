"""What trials found: kept by commit where they ran, and in the repository, so that a sample goes on on any machine."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from place import COMMIT, HOME, IS_CHANGED

_PAGE, _KEPT = Path("docs/reliability.md"), Path("docs/reliability.jsonl")
_HERE = HOME / f"{COMMIT}.jsonl"
_HEAD = ["| fault | what | commit | trials | failures | the first failure |", "|---|---|---|---|---|---|"]
Result = dict[str, Any]


def found() -> list[Result]:
    """The trials of this code so far."""
    rows = [row for file in (_KEPT, _HERE) for row in _read(file) if row["commit"] == COMMIT]
    return list({(row["code"], row["seed"]): row for row in rows}.values())


def keep(result: Result) -> None:
    """Add what a trial found."""
    with _HERE.open("a") as results:
        print(json.dumps({"commit": COMMIT} | result), file=results)


def forget() -> None:
    """Forget the trials of this code where they ran."""
    _HERE.unlink(missing_ok=True)


def publish(asked: Mapping[str, int]) -> None:
    """Write the results of a commit into the repository, and the page of the newest ones of each kind.

    Args:
        asked: How many trials a sample has, by the code of the fault.

    Raises:
        SystemExit: The code differs from its commit: nobody could run it again.
    """
    if IS_CHANGED:
        raise SystemExit("the code has changes that are in no commit; commit them, and run the trials again")
    ours = found()
    rows = [*(row for row in _read(_KEPT) if row["commit"] != COMMIT), *ours]
    _KEPT.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    lines = sorted(_line(own, asked.get(code)) for code, own in _newest(rows).items())
    told = f"Commit `{COMMIT}`: {len(ours)} trials, {_failures(ours)} failures. Other kinds: the last commit tried."
    head = _PAGE.read_text().split("<!-- trials -->")[0]
    _PAGE.write_text("\n".join([f"{head}<!-- trials -->", told, "", *_HEAD, *lines, ""]))


def _read(file: Path) -> Iterator[Result]:
    if file.exists():
        yield from (json.loads(line) for line in file.read_text().splitlines())


def _newest(rows: Iterable[Result]) -> dict[str, list[Result]]:
    """The results of each kind, of the last commit that it was tried on."""
    newest: dict[str, list[Result]] = {}
    for row in rows:
        own = newest.setdefault(row["code"], [])
        if own and own[0]["commit"] != row["commit"]:
            own.clear()
        own.append(row)
    return newest


def _line(rows: list[Result], asked: int | None) -> str:
    first = next((row["problems"][0] for row in rows if row["problems"]), "")
    trials = f"{len(rows)} of {asked}" if asked else str(len(rows))
    cells = (rows[0]["code"], rows[0]["what"], f"`{rows[0]['commit']}`", trials, str(_failures(rows)), first)
    return f"| {' | '.join(cells)} |"


def _failures(rows: Iterable[Result]) -> int:
    return sum(bool(row["problems"]) for row in rows)
