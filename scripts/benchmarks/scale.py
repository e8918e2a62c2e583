"""The whole path on the standalone cluster, at ten times the rows each time: cost per row, memory, a later batch.

One candidate, ``gbt`` with a fixed number of trees and no search; prices of neighbours have a figure of their own
(``neighbours``). ``BENCH_SCALE_ROWS`` names other sizes.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures import Figure, figure_of
from on_cluster import ROOT, Memory, cluster
from pyspark.sql import functions as F
from rows import session

from housing_spark.sources import market_sales

_SIZES = [int(rows) for rows in os.environ.get("BENCH_SCALE_ROWS", "100000,1000000,10000000").split(",")]
_DRIVER, _EXECUTOR = "4g", "3g"  # of heap; there are two executors
_LATER = 100  # a batch is so much smaller than what is there
_BATCHES = 2
_LATER_JOB = str(Path(__file__).with_name("later_job.py"))
_BATCH = ("ingest", "clean", "features", "score")
_TREES = {
    "step_size": 0.1, "max_depth": 6, "min_instances_per_node": 10, "l2": 1, "column_share": 1, "row_share": 1,
    "huber_delta": 10, "random_cuts": 0, "max_trees": 50,
}  # fmt: skip
_SETS = (
    "training.candidates=[gbt]", "search.max_evals={gbt: 1}", "training.patience=50", "gate.mode=off",
    "features.families.neighbours=false", "search.spaces.gbt.log_target={choices: [true]}",
    *(f"search.spaces.gbt.{name}={{choices: [{value}]}}" for name, value in _TREES.items()),
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What a job took.

    Attributes:
        seconds: Of each stage, without the start of Spark.
        memory: GiB of the largest process of each kind.
    """

    seconds: dict[str, float]
    memory: dict[str, float]


@dataclass(frozen=True)
class Jobs:
    """Jobs on the files of a folder, on the cluster of an environment."""

    folder: Path
    environment: dict[str, str]

    def submit(self, job: str, rows: int, given: Sequence[str] = (), sets: Sequence[str] = ()) -> Done:
        """A job on the files of a size; a warehouse for each size, unless a setting names another."""
        options = ["--driver-memory", _DRIVER, "--executor-memory", _EXECUTOR]
        settings = (f"warehouse={self.folder / 'warehouse' / str(rows)}", *_SETS, *sets)
        asked = ["--dataset", "market", *(word for one in settings for word in ("--set", one)), "--json"]
        inputs = ["--input", str(self.folder / f"{rows}")] if job in ("pipeline", "ingest") else []
        command = [str(ROOT / "scripts" / "submit"), *options, job, *given, *asked, *inputs]
        with (self.folder / f"{Path(job).stem}-{rows}.log").open("w") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
            with Memory(self.folder / ".cluster", process.pid) as memory:
                out = process.communicate()[0]
        if process.returncode:
            raise RuntimeError(f"{job} of {rows:,} rows ended with {process.returncode}: {out[-2000:]}")
        print(f"{Path(job).stem} of {rows:,} rows: done", file=sys.stderr, flush=True)
        return Done({stage["job"]: stage["seconds"] for stage in _stages(out)}, dict(memory.peaks))

    def later(self, rows: int) -> Done:
        """What a later batch takes in a session that took one before: Java's start does not count."""
        batches = [str(self.folder / f"{rows}-later-{number}") for number in range(_BATCHES)]
        return self.submit(_LATER_JOB, rows, [*batches, "--env", "cluster"])

    def seconds(self, rows: int, sets: Sequence[str]) -> float:
        """What the stages with checks take, each a job of its own, into a warehouse of their own."""
        with tempfile.TemporaryDirectory(dir=self.folder) as warehouse:
            own = (*sets, f"warehouse={warehouse}")
            return sum(self.submit(name, rows, sets=own).seconds[name] for name in _BATCH[:-1])


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_files(folder)
        with cluster(folder / ".cluster", _EXECUTOR) as environment:
            yield from _measured(Jobs(folder, environment))


def _write_files(folder: Path) -> None:
    with session("4g") as (spark, _):
        for rows in _SIZES:
            few = rows // _LATER
            sales = market_sales(spark, rows=rows + _BATCHES * few, seed=7).drop("true_price")
            sales.where(f"sale_id < {rows}").write.csv(str(folder / f"{rows}"), header=True)
            for number in range(_BATCHES):
                is_in = F.col("sale_id").between(rows + number * few, rows + (number + 1) * few - 1)
                sales.where(is_in).write.csv(str(folder / f"{rows}-later-{number}"), header=True)


def _measured(jobs: Jobs) -> Iterator[Figure]:
    whole = {rows: jobs.submit("pipeline", rows) for rows in _SIZES}
    largest, before = _SIZES[-1], _SIZES[-2]
    yield from _costs(whole, largest, before)
    memory = ", ".join(f"{kind} {size:.2f}" for kind, size in whole[largest].memory.items())
    what = f"GiB, {largest:,} rows, heaps {_DRIVER} and twice {_EXECUTOR}; the largest process of each kind: {memory}"
    yield figure_of("scale.peak_memory_gib", [sum(whole[largest].memory.values())], None, what)
    first = sum(whole[largest].seconds[name] for name in _BATCH)
    later = sum(jobs.later(largest).seconds.values())
    what = (
        f"time of {', '.join(_BATCH)} of {largest // _LATER:,} later rows, in a session that took as many before, over "
        f"that of {largest:,}; once"
    )
    yield figure_of("scale.incremental_share", [later / first], "<= 0.05", what)
    unchecked, checked = (jobs.seconds(before, sets) for sets in (("quality.gates=[]",), ()))
    what = f"of the time of {', '.join(_BATCH[:-1])} that goes to Great Expectations, {before:,} rows; once"
    yield figure_of("scale.quality_share", [1 - unchecked / checked], "<= 0.1", what)


def _costs(whole: dict[int, Done], largest: int, before: int) -> Iterator[Figure]:
    ratios = {}
    for stage, seconds in whole[largest].seconds.items():
        ratios[stage] = (seconds / largest) / (whole[before].seconds[stage] / before)
        microseconds = ", ".join(f"{done.seconds[stage] / rows * 1e6:.1f} at {rows:,}" for rows, done in whole.items())
        what = f"cost of a row at {largest:,} rows over that at {before:,}; microseconds: {microseconds}; once"
        yield figure_of(f"scale.{stage}.cost_ratio", [ratios[stage]], "<= 1.1", what)
    yield figure_of("scale.worst_cost_ratio", [max(ratios.values())], "<= 1.1", "the largest of these; once")


def _stages(out: str) -> list[dict[str, Any]]:
    results = (json.loads(line) for line in out.splitlines() if line.startswith("{"))
    stages: list[dict[str, Any]] = [one["stages"] for one in results if "stages" in one][-1]
    return stages
