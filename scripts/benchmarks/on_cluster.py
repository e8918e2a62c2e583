"""The standalone cluster of ``scripts/cluster``, and how much memory the processes of a job on it take."""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_KINDS = {
    "org.apache.spark.executor.CoarseGrainedExecutorBackend": "executor",
    "org.apache.spark.deploy.SparkSubmit": "driver",
    "pyspark.daemon": "Python worker",
    "jobs/": "driver's Python",
}
_GIB = 1 << 30


@contextmanager
def cluster(folder: Path, memory: str = "1g") -> Iterator[dict[str, str]]:
    """A master and two workers with so much memory for executors each, on free ports; the environment to submit in."""
    ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    port, page = (str(one.getsockname()[1]) for one in ports)
    for one in ports:
        one.close()
    names = {"CLUSTER_DIR": str(folder), "CLUSTER_PORT": port, "CLUSTER_PAGE": page, "CLUSTER_MEMORY": memory}
    environment = os.environ | names
    script = str(ROOT / "scripts" / "cluster")
    subprocess.run([script, "start"], check=True, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield environment
    finally:
        subprocess.run([script, "stop"], check=True, env=environment)


class Memory:
    """The most memory that each kind of process of a cluster and its driver held, by its peak resident size."""

    def __init__(self, folder: Path, driver: int) -> None:
        """Watch the workers of a cluster and a driver, by process id, until the end of the block."""
        self._roots = [driver, *(int(file.read_text()) for file in folder.glob("worker-*.pid"))]
        self._peaks: dict[int, tuple[str, float]] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def peaks(self) -> Mapping[str, float]:
        """GiB of the largest process of each kind."""
        kinds = {kind for kind, _ in self._peaks.values()}
        return {kind: max(size for name, size in self._peaks.values() if name == kind) for kind in sorted(kinds)}

    def _watch(self) -> None:
        while not self._is_over.wait(1.0):
            for process in descendants(self._roots):
                seen = _seen(process)
                if seen:
                    self._peaks[process] = seen


def descendants(roots: list[int]) -> set[int]:
    """These processes and all that they started, and those started."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:  # it has ended
            continue
    found = set(roots)
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def asked(process: int, file: str) -> str:
    """What the system says of a process; nothing: it has ended."""
    try:
        return Path(f"/proc/{process}/{file}").read_text()
    except OSError:
        return ""


def _seen(process: int) -> tuple[str, float] | None:
    """The kind and the peak resident size of a process; ``None``: of no kind, or it has ended."""
    command, status = asked(process, "cmdline"), asked(process, "status")
    kind = next((kind for mark, kind in _KINDS.items() if mark in command), None)
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
    return (kind, int(peak.split()[1]) * 1024 / _GIB) if kind and peak else None
