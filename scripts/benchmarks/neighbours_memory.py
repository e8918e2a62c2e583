"""What the JVM and the Python workers of this process hold, looked at twice a second (Linux: /proc)."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

_GIB = 1 << 20  # /proc counts kB
_SECONDS = 0.5


class Memory:
    """The most that was held in a block, GiB resident.

    Attributes:
        java: Of the JVM.
        worker: Of one Python worker.
        workers: Of all of them together.
    """

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.java = self.worker = self.workers = 0.0
        self._done, self._thread = Event(), Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Memory":
        """Look from now on."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()

    def __str__(self) -> str:
        """For people."""
        return f"GiB: Java {self.java:.2f}, a Python worker {self.worker:.2f}, all {self.workers:.2f}"

    def _look(self) -> None:
        while not self._done.wait(_SECONDS):
            held = list(_held_below("self"))
            java = [gib for name, gib in held if name == "java"]
            python = [gib for name, gib in held if name.startswith("python")]
            self.java = max(self.java, *java)
            self.worker = max([self.worker, *python])
            self.workers = max(self.workers, sum(python))


def _held_below(process: str) -> Iterator[tuple[str, float]]:
    """Name and GiB of every process that this one has started, and those have started."""
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _read(thread).split():
            facts = dict(line.split(":\t", 1) for line in _read(Path(f"/proc/{child}/status")).splitlines())
            if "VmRSS" in facts:
                yield facts["Name"], int(facts["VmRSS"].split()[0]) / _GIB
            yield from _held_below(child)


def _read(path: Path) -> str:
    """Nothing where the process has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""
