"""Run trials of faults, keep what each found for the commit that the code is of, and write the page about them."""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from place import COMMIT, HOME, IS_CHANGED, STATES
from trials import Kind, kinds

_PAGE = Path("docs/reliability.md")
_RESULTS = HOME / f"{COMMIT}.jsonl"


def _done() -> list[dict[str, Any]]:
    return [json.loads(line) for line in _RESULTS.read_text().splitlines()] if _RESULTS.exists() else []


def _asked(options: argparse.Namespace) -> Iterator[tuple[Kind, int]]:
    """Trials in rounds, so that a run that is cut off has seen every kind."""
    wanted = [kind for kind in kinds() if not options.only or kind.code in options.only.split(",")]
    counts = {kind.code: kind.trials(is_full=options.full) for kind in wanted}
    for seed in range(max(counts.values(), default=0)):
        yield from ((kind, seed) for kind in wanted if seed < counts[kind.code])


def _problems(kind: Kind, seed: int) -> list[str]:
    try:
        return kind.run(seed)
    except Exception as error:  # noqa: BLE001  # a trial that cannot end is a failure, and the next one begins
        return [f"{type(error).__name__}: {error}"]


def _run(options: argparse.Namespace) -> bool:
    asked, ends = list(_asked(options)), time.monotonic() + 60 * options.minutes
    known = {(row["code"], row["seed"]) for row in _done()}
    for kind, seed in asked:
        if (kind.code, seed) in known or time.monotonic() > ends:
            continue
        began = time.monotonic()
        problems = _problems(kind, seed)
        row = {
            "code": kind.code,
            "what": kind.what,
            "seed": seed,
            "problems": problems,
            "seconds": round(time.monotonic() - began, 1),
        }
        with _RESULTS.open("a") as results:
            print(json.dumps(row), file=results)
        print(
            f"{kind.code} {seed} {kind.what}: {problems or 'survived'}, {row['seconds']} s", file=sys.stderr, flush=True
        )
    wanted = {(kind.code, seed) for kind, seed in asked}
    return not any(row["problems"] for row in _done() if (row["code"], row["seed"]) in wanted)


def _write() -> None:
    rows = _done()
    lines = []
    for code, what in {row["code"]: row["what"] for row in rows}.items():
        own = [row for row in rows if row["code"] == code]
        failed = [row for row in own if row["problems"]]
        lines.append(f"| {code} | {what} | {len(own)} | {len(failed)} | {failed[0]['problems'][0] if failed else ''} |")
    failures = sum(bool(row["problems"]) for row in rows)
    head = _PAGE.read_text().split("<!-- trials -->")[0] if _PAGE.exists() else ""
    table = "\n".join(
        ["| fault | what | trials | failures | the first failure |", "|---|---|---|---|---|", *sorted(lines)]
    )
    told = f"Commit `{COMMIT}`: {len(rows)} trials, {failures} failures."
    _PAGE.write_text(f"{head}<!-- trials -->\n{told}\n\n{table}\n")


def _main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument(
        "--list", action="store_true", help="the kinds of trials, and how many a sample and a release has"
    )
    parser.add_argument("--full", action="store_true", help="as many trials as for a release, not a fifth")
    parser.add_argument("--only", default="", help="kinds by their codes, with commas")
    parser.add_argument("--minutes", type=float, default=1e6, help="begin no trial after so many minutes")
    parser.add_argument("--write", action="store_true", help=f"write {_PAGE}")
    options = parser.parse_args()
    if options.list:
        for kind in kinds():
            print(f"{kind.code:7} {kind.trials(is_full=False):3} {kind.count:4}  {kind.what}")
        return 0
    if IS_CHANGED:  # what an earlier try found was of other code
        _RESULTS.unlink(missing_ok=True)
        shutil.rmtree(STATES, ignore_errors=True)
    is_sound = _run(options)
    if options.write:
        _write()
    return 0 if is_sound else 1


if __name__ == "__main__":
    HOME.mkdir(exist_ok=True, parents=True)
    sys.exit(_main())
