"""Places where a run can be made to fail, for ``scripts/faults``: nothing happens but with ``HOUSING_ENABLE_FAULTS=1``.

``HOUSING_FAULT=POINT:ACTION`` names a place and what happens there, ``POINT*3:ACTION`` at the third time. Points are
``JOB/started``, ``JOB/before/TABLE`` and ``JOB/after/TABLE`` around each commit, ``JOB/record`` before the record that
publishes, and ``train/logging``, ``train/uploading``, ``train/registered``, ``promote/naming`` and ``promote/named``.
"""

import errno
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping

_REACHED: Counter[str] = Counter()
_SECONDS = 600.0


def reach(point: str) -> None:
    """Say that a run has come to a place."""
    if os.environ.get("HOUSING_ENABLE_FAULTS") != "1":
        return
    wanted, _, action = os.environ.get("HOUSING_FAULT", "").rpartition(":")
    place, _, times = wanted.partition("*")
    _REACHED[point] += 1
    if place == point and _REACHED[point] == int(times or 1):
        _ACTIONS[action]()


def _fill_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _fail() -> None:
    raise RuntimeError("a fault was asked for")


_ACTIONS: Mapping[str, Callable[[], object]] = {
    "kill9": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda: os._exit(1),
    "interrupt": lambda: os.kill(os.getpid(), signal.SIGINT),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "sleep": lambda: time.sleep(_SECONDS),
    "raise": _fail,
    "enospc": _fill_disk,
}
