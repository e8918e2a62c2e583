"""The same rows in five layouts, on one core, two cores and two executors of a standalone cluster: the same trees?"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from figures import Figure, figure_of
from on_cluster import ROOT, cluster
from pyspark.sql import functions as F
from rows import market, session

_ROWS = 30_000
_HERE = Path(__file__).parent
_BOUNDS = {"hist": "<= 0", "mllib": "<= 1e-9"}


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_layouts(folder / "layouts")
        results = [folder / place for place in ("one core", "two cores", "cluster")]
        for result, master in zip(results, ("local[1]", "local[2]", None), strict=True):
            result.mkdir()
            _fit(folder, result, master)
        for engine, bound in _BOUNDS.items():
            yield _difference(engine, bound, results)


def _write_layouts(folder: Path) -> None:
    """One file; seven, mixed; forty, by hash; by price in three; newest first in twelve."""
    with session() as (spark, _):
        sales = market(spark, _ROWS)
        layouts = {
            "one": sales.coalesce(1), "seven": sales.orderBy(F.xxhash64("row_key")).repartition(7),
            "forty": sales.repartition(40, "row_key"), "price": sales.repartitionByRange(3, "label"),
            "newest": sales.repartitionByRange(12, F.desc("day")).sortWithinPartitions(F.desc("day")),
        }  # fmt: skip
        for name, rows in layouts.items():
            rows.write.parquet(str(folder / name))


def _fit(folder: Path, results: Path, master: str | None) -> None:
    """Run the job in a session of its own; without a master on a cluster that is started for it."""
    script, arguments = str(_HERE / "layout_job.py"), [str(folder / "layouts"), str(results)]
    if master:
        subprocess.run([sys.executable, script, *arguments], check=True, env=os.environ | {"BENCH_MASTER": master})
        return
    with cluster(folder / ".cluster") as environment:
        job = [
            str(ROOT / "scripts" / "submit"),
            "--executor-memory",
            "1g",
            "--driver-memory",
            "2g",
            script,
            *arguments,
        ]
        subprocess.run(job, check=True, env=environment, stdout=subprocess.DEVNULL)


def _difference(engine: str, bound: str, results: list[Path]) -> Figure:
    """The largest relative difference from the first model, where all have the same splits; else infinite."""
    structures = {
        digest
        for result in results
        for name, digest in json.loads((result / "structures.json").read_text()).items()
        if name.startswith(engine)
    }
    prices = [_prices(folder) for result in results for folder in sorted(result.glob(f"{engine}-*"))]
    largest = max(float(np.max(np.abs(other / prices[0] - 1))) for other in prices)
    what = (
        f"largest relative difference of prices, {len(prices)} fits of {_ROWS:,} rows: five layouts, each on one core, "
        f"two cores and two executors; {len(structures)} kind of trees; once: it is exact"
    )
    return figure_of(f"layout.{engine}_max_difference", [largest if len(structures) == 1 else np.inf], bound, what)


def _prices(folder: Path) -> np.ndarray:
    return pq.read_table(folder).sort_by("row_key")["price"].to_numpy()
