"""A fit on all rows, on the executors: workers hold their share of the rows and add up histograms (rabit, all-reduce).

``xgboost.spark`` does the same but takes its cut points from each worker's share, so that its trees depend on the
layout, and hands rows over as numbers of eight bytes instead of one. See ``docs/decisions/0005-histogram-trees.md``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import SparkConf
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.boosting import xgb
from housing_spark.errors import ConfigurationError
from housing_spark.training.hist.boost import Scale
from housing_spark.training.hist.fitting import Fit, Standardized
from housing_spark.training.hist.matrix import PLACE, unpacked
from housing_spark.training.trials import Parameters

_TREES = "trees binary"
_JUDGES = "judges"
_ROWS_PER_WORKER = 10_000


@dataclass(frozen=True)
class ClusterFit:
    """What a fit on the executors needs besides the rows.

    Attributes:
        parameters: Of a trial.
        options: XGBoost's own: threads, seed, constraints.
        scale: Of the target.
        trees: How many; at most so many where ``patience`` is given.
        patience: Trees without a better validation error after which the fit ends; ``None``: it does not end early.
    """

    parameters: Parameters
    options: Mapping[str, Any]
    scale: Scale
    trees: int
    patience: int | None = None

    def on(self, coded: DataFrame, judging: DataFrame, workers: int) -> bytes:
        """The trees as JSON, fitted by so many workers at the same time.

        Args:
            coded: Training rows, from ``matrix.coded_rows``.
            judging: Validation rows, likewise; they count only where there is a ``patience``.
            workers: Tasks that run at once; there must be as many free slots.
        """
        parts = [coded.withColumn(_JUDGES, F.lit(False))]
        if self.patience is not None:
            parts.append(judging.withColumn(_JUDGES, F.lit(True)))
        arguments = _tracker(coded.sparkSession, workers) if workers > 1 else None

        def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            table = pa.Table.from_batches(batches)
            if arguments is None:
                yield _answer(self._fit(table))
                return
            with xgb.collective.CommunicatorContext(**arguments):
                trees = self._fit(table)
                if xgb.collective.get_rank() == 0:
                    yield _answer(trees)

        spread = reduce(DataFrame.unionByName, parts).repartition(workers, PLACE)
        return bytes(spread.mapInArrow(work, _TREES, barrier=workers > 1).collect()[0]["trees"])  # one row

    def _fit(self, table: pa.Table) -> bytes:
        judges = table[_JUDGES].combine_chunks()
        training = self._shared(table.filter(pc.invert(judges)))
        judging = None if self.patience is None else self._shared(table.filter(judges))
        fit = Fit(self.parameters, dict(self.options), self.trees, self.patience or 0)
        return bytes(fit.on(training, judging).save_raw("json"))

    def _shared(self, table: pa.Table) -> Standardized:
        """A worker's share of the rows."""
        codes, labels, weights = unpacked(table)
        return Standardized(codes, self.scale.standardize(labels), self.scale.weigh(weights))


def count_workers(conf: SparkConf, slots: int, rows: int, width: int, one_task_bytes: int) -> int:
    """How many tasks a fit may count on; they must all run at once, or none does.

    Args:
        conf: The application's.
        slots: Tasks of one core that can run at once.
        rows: Training rows.
        width: Features.
        one_task_bytes: Rows x features that one task may fit.

    Raises:
        ConfigurationError: Executors come and go, and the rows are too many for one task.
    """
    if conf.get("spark.dynamicAllocation.enabled", "false") == "true":
        if rows * width > one_task_bytes:
            raise ConfigurationError(
                "E-TRAIN-007",
                f"{rows:,} rows of {width} features need several tasks at once, which dynamic allocation rules out; "
                "set spark.dynamicAllocation.enabled=false, a larger training.one_task_mb, or training.engine=mllib",
            )
        return 1
    tasks = slots // int(conf.get("spark.task.cpus", "1"))
    return max(1, min(tasks, rows // _ROWS_PER_WORKER))


def _tracker(spark: SparkSession, workers: int) -> dict[str, Any]:
    """Where the workers find each other."""
    tracker = xgb.tracker.RabitTracker(n_workers=workers, host_ip=spark.sparkContext.getConf().get("spark.driver.host"))
    tracker.start()
    Thread(target=tracker.wait_for, daemon=True).start()
    return dict(tracker.worker_args())


def _answer(trees: bytes) -> pa.RecordBatch:
    return pa.record_batch({"trees": pa.array([trees], pa.binary())})
