"""Where the trials of a round run: in the driver, or on the executors; the trials are the same wherever they run."""

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cached_property
from time import monotonic

from pyspark import RDD, Broadcast
from pyspark.sql import SparkSession

from housing_spark.settings.training import SearchMode
from housing_spark.training.hist.trial import Fitted, TrialWork
from housing_spark.training.trials import Proposal, failed_trial

_LOG = logging.getLogger(__name__)
# Some hundred trees on a core, per row and feature.
_SECONDS_PER_CELL = 1e-6
# A round as a Spark job, its Python workers and the matrix that they read, pay from here on.
_WORTH_A_JOB_SECONDS = 5.0


class Rounds:
    """Runs rounds of trials."""

    def __init__(self, work: TrialWork, spark: SparkSession, mode: SearchMode) -> None:
        """Choose where: a mode by setting, else by the time that a trial is expected to take."""
        self._work, self._spark = work, spark
        self._mode = self._fitting_mode() if mode == "auto" else mode

    def run(self, proposals: Sequence[Proposal]) -> Iterator[Fitted]:
        """The trials of a round and their trees, as they finish."""
        if self._mode == "executors":
            work = self._shared
            fits = self._spark.sparkContext.parallelize(proposals, len(proposals)).map(
                lambda one: work.value.run(one, 1)
            )
            yield from self._collected(fits, proposals)
            return
        at_once = 1 if self._mode == "local" else max(1, len(proposals))
        threads = max(1, (os.cpu_count() or 1) // at_once)
        with ThreadPoolExecutor(at_once) as pool:
            futures = [pool.submit(self._work.run, proposal, threads) for proposal in proposals]
            for future in as_completed(futures):
                yield future.result()

    def _collected(self, fits: RDD[Fitted], proposals: Sequence[Proposal]) -> list[Fitted]:
        """A trial each; all failed where the job did: cancelled, or its executors lost too often."""
        started = monotonic()
        try:
            return fits.collect()
        except Exception as error:  # noqa: BLE001  # recorded with every trial of the round
            return [(failed_trial(one, error, monotonic() - started), b"") for one in proposals]

    def release(self) -> None:
        """Take the matrix back from the executors."""
        if "_shared" in self.__dict__:
            self._shared.destroy()

    @cached_property
    def _shared(self) -> Broadcast[TrialWork]:
        """The coded rows, which travel once to each executor."""
        return self._spark.sparkContext.broadcast(self._work)

    def _fitting_mode(self) -> SearchMode:
        if str(self._spark.sparkContext.master).startswith("local"):
            return "threads"
        cells = sum(fold.training.codes.size for fold in self._work.folds)
        seconds = cells * _SECONDS_PER_CELL
        mode: SearchMode = "executors" if seconds > _WORTH_A_JOB_SECONDS else "threads"
        _LOG.info("gbt: a trial may take %.1f s, so trials run as %s", seconds, mode)
        return mode
