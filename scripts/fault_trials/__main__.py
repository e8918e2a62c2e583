"""Run trials of faults, keep what each found for the commit that the code is of, and write the page about them."""

import argparse
import shutil
import sys
import time
from collections.abc import Iterator

import results
from place import HOME, IS_CHANGED, STATES
from trials import Kind, kinds


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
    known = set() if options.rerun else {(row["code"], row["seed"]) for row in results.found()}
    for kind, seed in asked:
        if (kind.code, seed) in known or time.monotonic() > ends:
            continue
        began = time.monotonic()
        problems = _problems(kind, seed)
        seconds = round(time.monotonic() - began, 1)
        results.keep({"code": kind.code, "what": kind.what, "seed": seed, "problems": problems, "seconds": seconds})
        print(f"{kind.code} {seed} {kind.what}: {problems or 'survived'}, {seconds} s", file=sys.stderr, flush=True)
    wanted = {(kind.code, seed) for kind, seed in asked}
    return not any(row["problems"] for row in results.found() if (row["code"], row["seed"]) in wanted)


def _list() -> None:
    for kind in kinds():
        print(f"{kind.code:7} {kind.trials(is_full=False):3} {kind.count:4}  {kind.what}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument(
        "--list", action="store_true", help="the kinds of trials, and how many a sample and a release has"
    )
    parser.add_argument("--full", action="store_true", help="as many trials as for a release, not a fifth")
    parser.add_argument("--only", default="", help="kinds by their codes, with commas")
    parser.add_argument("--rerun", action="store_true", help="also trials that this code has had")
    parser.add_argument("--minutes", type=float, default=1e6, help="begin no trial after so many minutes")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md and what it is made of")
    return parser.parse_args()


def _main() -> int:
    options = _options()
    if options.list:
        _list()
        return 0
    if IS_CHANGED:  # what an earlier try found was of other code
        results.forget()
        shutil.rmtree(STATES, ignore_errors=True)
    is_sound = _run(options)
    if options.write:
        results.publish({kind.code: kind.trials(is_full=False) for kind in kinds()})
    return 0 if is_sound else 1


if __name__ == "__main__":
    HOME.mkdir(exist_ok=True, parents=True)
    sys.exit(_main())
