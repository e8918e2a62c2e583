"""Spark's daemon of Python workers, as sessions on this machine start it.

Each task makes Python forget what lies on its path. It then reads the list of files of every archive anew: of each jar
that Spark puts there, and of ``pyspark.zip`` once for each folder that something was imported from. That is 0.2 s a
task. So PySpark comes from where the driver has it, and jars are taken to hold no Python.
"""

import gc
import sys
from importlib.machinery import PathFinder
from pathlib import Path


class NoPython:
    """Finds nothing in a jar."""

    def __init__(self, place: str) -> None:
        """Take a jar, as Python asks whoever may know a place.

        Raises:
            ImportError: The place is not a jar.
        """
        if Path(place).suffix != ".jar":
            raise ImportError(place)

    def find_spec(self, _name: str, _target: object = None) -> None:
        """No module has its place here."""


def forget_archives() -> None:
    """Take what is read anew with each task from the path of this process."""
    sys.path_hooks.insert(0, NoPython)
    elsewhere = [place for place in sys.path if Path(place).name != "pyspark.zip"]
    if PathFinder.find_spec("pyspark", elsewhere):
        sys.path[:] = elsewhere
    sys.path_importer_cache.clear()


if __name__ == "__main__":
    forget_archives()

    from pyspark.daemon import manager

    gc.freeze()  # each task ends with a collection, which need not look at what is there for good
    manager()  # type: ignore[no-untyped-call]  # PySpark's own door
