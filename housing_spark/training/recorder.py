"""Finished trials on their way to the tables, beside the search: it waits for fits, not for records."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from time import monotonic

from pyspark import inheritable_thread_target
from pyspark.sql import SparkSession

from housing_spark.training.trials import Trial

_SECONDS_BETWEEN = 5.0  # a commit takes as long as a fit of few rows; a search that is cut off repeats so much at most


class Recorder:
    """Writes trials in a thread of its own; those that end within a few seconds share a record."""

    def __init__(self, spark: SparkSession, write: Callable[[Sequence[Trial]], None]) -> None:
        """Say who writes; nothing is written before a trial has ended."""
        self._spark, self._write = spark, write
        self._thread = ThreadPoolExecutor(1)
        self._waiting: SimpleQueue[Trial] = SimpleQueue()
        self._records: list[Future[None]] = []
        self._is_over, self._due = Event(), 0.0

    def add(self, trial: Trial) -> None:
        """Take a finished trial; raises what hindered an earlier record."""
        for record in self._records:
            if record.done():
                record.result()
        self._waiting.put(trial)
        self._records.append(self._thread.submit(inheritable_thread_target(self._spark)(self._record)))

    def finish(self) -> None:
        """Write what waits at once; raises what hindered a record."""
        self._is_over.set()
        for record in self._records:
            record.result()

    def close(self) -> None:
        """Write what waits, and raise nothing."""
        self._is_over.set()
        self._thread.shutdown()

    def _record(self) -> None:
        if self._waiting.empty():
            return
        self._is_over.wait(max(0.0, self._due - monotonic()))
        self._write([self._waiting.get() for _ in range(self._waiting.qsize())])
        self._due = monotonic() + _SECONDS_BETWEEN
