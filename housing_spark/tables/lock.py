"""One writer per dataset: an operating-system lock where the file system cannot give Delta's guarantee.

On a local disk two drivers can overwrite each other's commit. Object stores with a commit service need no lock;
for them nothing is held.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from housing_spark.errors import ResourceMissingError, TableBusyError


@contextmanager
def hold(folder: Path | None, run_id: str) -> Iterator[None]:
    """Hold the dataset's lock; the system frees it when the process ends, however it ends.

    Args:
        folder: The dataset's local folder; ``None`` holds nothing.
        run_id: Written into the lock file, for the message another run shows.

    Raises:
        TableBusyError: Another run holds it.
        ResourceMissingError: The folder cannot be written.
    """
    if folder is None:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ResourceMissingError("E-RES-001", f"warehouse {folder}: cannot be written, {error.strerror}") from error
    try:
        _lock(descriptor, folder, run_id)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path, run_id: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 200).decode(errors="replace").strip()
        raise TableBusyError("E-LOCK-001", f"{folder}: held by run {holder}; wait for it, or end it") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{run_id} (process {os.getpid()})\n".encode(), 0)
