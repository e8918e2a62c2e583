"""Every kind of trial: what is done, how often in a release, and what tells whether it was survived."""

import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import disk
import inputs
from again import later_batches
from damages import (
    Damage,
    checkpoint,
    checksum,
    commit,
    commits,
    drop_in,
    flip,
    flip_path,
    middle_commit,
    replace,
    run_damage,
    some_file,
    tear,
    write,
)
from drivers import many_appends, one_file, stale_lock, two_files, two_merges
from executors import Loss, run_loss
from kills import Kill, at_random, interrupts, run_kill, when_files_come
from place import FIRST

_INGEST = ("ingest", "--input", str(FIRST))
_RUN = ("run", "--input", str(FIRST))
_FIFTH = 5
_OR_DONE = (-signal.SIGKILL, 0)


@dataclass(frozen=True)
class Kind:
    """One kind of trial.

    Attributes:
        code: Of the matrix of faults.
        what: In words.
        count: Trials of a release; a sample has a fifth of them.
        run: One trial by its seed: what did not hold.
    """

    code: str
    what: str
    count: int
    run: Callable[[int], list[str]]

    def trials(self, *, is_full: bool) -> int:
        """How many are asked for."""
        return self.count if is_full else -(-self.count // _FIFTH)


def kinds() -> Iterator[Kind]:
    """All kinds."""
    yield from _driver_kills()
    yield from _training_kills()
    yield Kind("FI-20", "two drivers take in two files", 20, two_files)
    yield Kind("FI-20b", "two drivers append 200 times by turns", 1, many_appends)
    yield Kind("FI-21", "two drivers clean one batch", 20, two_merges)
    yield Kind("FI-22", "two drivers take in one file", 30, one_file)
    yield Kind("FI-23", "the holder of the lock stands still, then is killed", 10, stale_lock)
    for code, what, count, damage in _damages():
        yield Kind(code, what, count, partial(run_damage, damage))
    once = Kill("ingested", (("clean",),), outside=interrupts(1, 12.0), exits=(130, 0))
    twice = Kill("ingested", (("clean",),), outside=interrupts(2, 12.0), exits=(130, 0, -signal.SIGINT))
    yield Kind("FI-67", "Ctrl-C once, clean", 5, partial(run_kill, once))
    yield Kind("FI-67b", "Ctrl-C twice, clean", 5, partial(run_kill, twice))
    full = Kill("ingested", (("clean",),), "clean/before/clean:enospc", exits=(6,))
    yield Kind("FI-44b", "no space is left before a commit, as the code is told", 10, partial(run_kill, full))
    for stage, seconds in (("ingest", 15.0), ("features", 20.0), ("train", 60.0), ("score", 25.0)):
        yield Kind("FI-11" + stage[0], f"executor killed: {stage}", 25, partial(run_loss, Loss(stage, seconds)))
    for stage, seconds in (("train", 60.0), ("score", 25.0)):
        lost = Loss(stage, seconds, with_worker=True)
        yield Kind("FI-15" + stage[0], f"worker and executor killed: {stage}", 10, partial(run_loss, lost))
    if disk.is_possible():
        yield Kind("FI-44", "the disk is full while files are staged", 10, disk.staging)
        yield Kind("FI-45", "the disk is full when a commit is written", 10, disk.committing)
    yield Kind("FI-68", "a file comes twice, under two names", 5, inputs.twin)
    yield Kind("FI-69", "a file grows while it is read", 5, inputs.still_written)
    yield Kind("FI-70", "every kind of bad row at once", 1, inputs.bad_rows)
    yield Kind("again", "1,000 predictions again after 20 batches, a model and upkeep", 1, later_batches)


def _driver_kills() -> Iterator[Kind]:
    clean, features, score = ("clean",), ("features",), ("score",)
    places = [
        ("FI-01", "files listed", 10, Kill("empty", (_INGEST,), "ingest/started:kill9")),
        ("FI-01b", "raw read", 10, Kill("ingested", (clean,), "clean/started:kill9")),
        ("FI-01c", "rows checked", 10, Kill("ingested", (clean,), "clean/before/clean:kill9")),
        ("FI-02", "data files staged", 30, Kill("ingested", (clean,), outside=when_files_come("clean", 0.0))),
        ("FI-03", "between data and log", 30, Kill("ingested", (clean,), outside=when_files_come("clean", 0.5))),
        ("FI-04", "clean committed", 30, Kill("ingested", (clean,), "clean/after/clean:kill9")),
        ("FI-05", "quarantine committed", 30, Kill("ingested", (clean,), "clean/after/quarantine:kill9")),
        ("FI-05b", "before the record", 30, Kill("ingested", (clean,), "clean/record:kill9")),
        ("FI-05c", "features committed", 30, Kill("cleaned", (features,), "features/after/features:kill9")),
        ("FI-06", "any moment of a whole run", 100, Kill("empty", (_RUN,), outside=at_random(100.0), exits=_OR_DONE)),
        ("FI-10", "prices staged", 30, Kill("promoted", (score,), outside=when_files_come("predictions", 0.3))),
        ("FI-10b", "before prices are committed", 30, Kill("promoted", (score,), "score/before/predictions:kill9")),
        ("FI-10c", "prices without a passport", 30, Kill("promoted", (score,), "score/before/scoring_runs:kill9")),
    ]  # fmt: skip
    for code, what, count, kill in places:
        yield Kind(code, f"driver killed: {what}", count, partial(run_kill, kill))


def _training_kills() -> Iterator[Kind]:
    to_prices = (("train",), ("evaluate",), ("promote",), ("score",))
    places = [
        ("FI-07", "the first trials recorded", 10, "trained", "train/after/trials:kill9"),
        ("FI-07b", "all trials recorded", 10, "trained", "train/after/trials*2:kill9"),
        ("FI-08", "before the model is logged", 20, "trained", "train/logging:kill9"),
        ("FI-08b", "before the model is uploaded", 20, "trained", "train/uploading:kill9"),
        ("FI-08c", "the version registered, its hash not", 20, "trained", "train/registered:kill9"),
        ("FI-08d", "before the champion is named", 20, "promoted", "promote/naming:kill9"),
        ("FI-09", "after the champion is named", 10, "promoted", "promote/named:kill9"),
    ]  # fmt: skip
    for code, what, count, leads_to, point in places:
        state = "described" if leads_to == "trained" else "evaluated"
        kill = Kill(state, to_prices if leads_to == "trained" else to_prices[2:], point)
        yield Kind(code, f"driver killed: {what}", count, partial(run_kill, kill))


def _damages() -> Iterator[tuple[str, str, int, Damage]]:
    yield "FI-30", "newest commit torn", 5, Damage(lambda _: tear(commits()[-1]), ("clean",), "E-TABLE-001")
    yield "FI-31", "newest commit lost", 5, Damage(lambda _: commits()[-1].unlink(), ("features",), "E-TABLE-00")
    yield "FI-32", "middle commit lost", 5, Damage(lambda _: middle_commit().unlink(), ("features",), "E-TABLE-002")
    yield "FI-33", "a bit of a path in a commit", 5, Damage(lambda _: flip_path(commit(0)), ("verify",), "E-TABLE-003")
    yield "FI-34", "checksum of a commit garbage", 5, Damage(lambda _: write(checksum(), b"{}"), ("verify",), "", 0)
    yield "FI-35", "checkpoint torn", 5, Damage(lambda _: tear(checkpoint()), ("verify",), "E-TABLE-005")
    yield "FI-36", "checkpoint empty", 5, Damage(lambda _: write(checkpoint(), b""), ("verify",), "E-TABLE-005")
    yield (
        "FI-37",
        "_last_checkpoint garbage",
        5,
        Damage(lambda _: write(checkpoint().parent / "_last_checkpoint", b"garbage"), ("verify",), "", 0),
    )
    yield (
        "FI-37b",
        "_last_checkpoint lost",
        5,
        Damage(lambda _: (checkpoint().parent / "_last_checkpoint").unlink(), ("verify",), "", 0),
    )
    yield "FI-38", "data file lost", 5, Damage(lambda chance: some_file(chance).unlink(), ("verify",), "E-TABLE-003")
    yield (
        "FI-38b",
        "data file lost, and it is read",
        5,
        Damage(lambda chance: some_file(chance).unlink(), ("features", "--full"), "E-TABLE-003"),
    )
    yield (
        "FI-39",
        "data file torn",
        5,
        Damage(lambda chance: tear(some_file(chance)), ("features", "--full"), "E-TABLE-003"),
    )
    yield (
        "FI-40",
        "a bit of a data file",
        10,
        Damage(lambda chance: flip(some_file(chance), chance.randrange(1 << 30)), ("verify",), "E-TABLE-003"),
    )
    yield (
        "FI-41",
        "another table's file",
        5,
        Damage(lambda chance: replace(some_file(chance)), ("verify",), "E-TABLE-003"),
    )
    yield "FI-42", "a foreign file in the folder", 5, Damage(lambda _: drop_in(), ("verify",), "", 0)
    yield "FI-43", "the log lost", 2, Damage(lambda _: _lose_log(), ("clean",), "E-TABLE-006")


def _lose_log() -> None:
    shutil.rmtree(commit(0).parent)
