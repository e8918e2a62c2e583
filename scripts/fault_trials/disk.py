"""Trials on a disk that is really full: the dataset lies on a small file system of its own, which needs root."""

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kills import aftermath, differences
from place import HOME, WAREHOUSE, prepare, started, undisturbed

_DATASET = WAREHOUSE / "market"
_NO_SPACE = 6


def staging(seed: int) -> list[str]:
    """There is room for a part of what is written, or for all but the commit."""
    most = 1 << 20
    return _trial(random.Random(seed).randrange(1 << 12, most), lambda _: None)  # noqa: S311  # no secret


def committing(seed: int) -> list[str]:
    """The disk is filled by another as soon as a data file is there."""

    def fill(process: "subprocess.Popen[bytes]") -> None:
        folder = _DATASET / "clean"
        while process.poll() is None and not any(folder.glob("*.parquet")):
            time.sleep(0.001)
        time.sleep(random.Random(seed).uniform(0, 0.1))  # noqa: S311  # no secret
        with (_DATASET / "filler").open("wb", buffering=0) as filler:
            _write_all(filler.fileno())

    return _trial(64 << 20, fill)


def _write_all(descriptor: int) -> None:
    """Until there is no byte left."""
    size = 1 << 20
    while size:
        try:
            os.write(descriptor, bytes(size))
        except OSError:
            size //= 2


def _trial(spare: int, meanwhile: Callable[["subprocess.Popen[bytes]"], None]) -> list[str]:
    expected = undisturbed("cleaned")
    prepare("ingested")
    with _small_disk(spare) as grow:
        log = HOME / "full.log"
        process = started(("clean",), {}, log)
        meanwhile(process)
        code, said = process.wait(600), log.read_text(errors="replace")
        problems = [] if code in (0, _NO_SPACE) else [f"exit {code}: {said.strip().splitlines()[-1][:200]}"]
        if code == _NO_SPACE and "E-RES-001" not in said:
            problems.append(f"E-RES-001 was not said: {said.strip().splitlines()[-1][:200]}")
        if "Traceback" in said:
            problems.append("a stack trace was shown")
        (_DATASET / "filler").unlink(missing_ok=True)
        grow()
        return problems + aftermath([["clean"]]) + differences(expected)


@contextmanager
def _small_disk(spare: int) -> Iterator[Callable[[], object]]:
    """The dataset on a file system with so many bytes to spare; what is given makes room."""
    kept = _DATASET.with_name("kept")
    _DATASET.rename(kept)
    _DATASET.mkdir()
    size = spare + int(_ran("du", "-s", "-B4096", str(kept)).split()[0]) * 4096
    _ran("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(_DATASET))
    try:
        _ran("cp", "-a", f"{kept}/.", str(_DATASET))
        yield lambda: _ran("mount", "-o", "remount,size=1g", str(_DATASET))
    finally:
        _ran("umount", "-l", str(_DATASET))


def _ran(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def is_possible() -> bool:
    """Whether this user may mount a file system."""
    return os.geteuid() == 0 and Path("/proc/mounts").exists()
