"""What the JVM and the Python workers of this process hold and use, looked at twice a second (Linux: /proc)."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

_GIB = 1 << 30
_PAGE, _TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
_SECONDS = 0.5


class Use:
    """What a block of code uses.

    Attributes:
        java: The most that the JVM held, GiB resident.
        worker: The most that one Python worker held.
        workers: The most that all of them held together.
        seconds: Of processors, those of other work on the machine not among them.
    """

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.java = self.worker = self.workers = self.seconds = 0.0
        self._done, self._thread = Event(), Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Use":
        """Look from now on."""
        self.seconds = -_processor_seconds()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()
        self.seconds += _processor_seconds()

    def __str__(self) -> str:
        """For people."""
        held = f"Java {self.java:.2f}, a Python worker {self.worker:.2f}, all {self.workers:.2f} GiB"
        return f"{held}, {self.seconds:,.0f} processor seconds"

    def _look(self) -> None:
        while not self._done.wait(_SECONDS):
            held = [(name, int(facts[21]) * _PAGE / _GIB) for name, facts in _below("self")]
            java = [gib for name, gib in held if name == "java"]
            python = [gib for name, gib in held if name.startswith("python")]
            self.java = max([self.java, *java])
            self.worker = max([self.worker, *python])
            self.workers = max(self.workers, sum(python))


def _processor_seconds() -> float:
    """Of all that this process has started, ended workers too: those are their parents' by now."""
    return sum(sum(map(int, facts[11:15])) for _, facts in _below("self")) / _TICKS


def _below(process: str) -> Iterator[tuple[str, list[str]]]:
    """Name and facts (man proc, from the state on) of all that this process has started, and those in turn."""
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _read(thread).split():
            _, _, named = _read(Path(f"/proc/{child}/stat")).partition("(")
            name, _, facts = named.rpartition(") ")
            if facts:
                yield name, facts.split()
            yield from _below(child)


def _read(path: Path) -> str:
    """Nothing where the process has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""
