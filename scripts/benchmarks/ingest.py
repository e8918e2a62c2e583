"""Rows into the tables: what our checks and records cost beside Spark writing the same file as Parquet."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from figures import Figure, figure_of, timed
from pyspark.sql import SparkSession
from rows import session

from housing_spark import pipeline
from housing_spark.contract import load_contract
from housing_spark.settings import load_settings
from housing_spark.sources import market_sales
from housing_spark.tables import Run

_ROWS = int(os.environ.get("BENCH_INGEST_ROWS", "1000000"))
_NEW = _ROWS // 100
_PAIRS = 3
_DESCRIBED = ("ingest", "clean", "features")


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with session("4g") as (spark, folder):
        files = str(folder / "csv")
        market_sales(spark, rows=_ROWS, seed=7).drop("true_price").write.csv(files, header=True)
        few = market_sales(spark, rows=_ROWS + _NEW, seed=7).where(f"sale_id >= {_ROWS}").drop("true_price")
        few.write.csv(str(folder / "more"), header=True)
        _plain(spark, files, folder)  # the JVM is warm
        bronze, clean, shares = [], [], []
        for number in range(_PAIRS):
            plain, _ = timed(lambda: _plain(spark, files, folder))
            run = _run(spark, folder / f"warehouse{number}", files)
            seconds = {name: _seconds(stage, run) for name, stage in pipeline.STAGES if name in _DESCRIBED}
            bronze.append(seconds["ingest"] / plain)
            clean.append((seconds["ingest"] + seconds["clean"]) / plain)
            batch = replace(run, run_id="more", input=str(folder / "more"))
            added = sum(_seconds(stage, batch) for name, stage in pipeline.STAGES if name in _DESCRIBED)
            shares.append(added / sum(seconds.values()))
    what = f"over Spark's CSV to Parquet of the same file, {_ROWS:,} rows; three pairs"
    yield figure_of("ingest.bronze_over_parquet", bronze, "<= 2", f"time of ingest {what}")
    yield figure_of("ingest.clean_over_parquet", clean, "<= 4", f"time of ingest and clean with all gates {what}")
    what = f"time of ingest, clean and features of {_NEW:,} new rows over those of the first {_ROWS:,}; three times"
    yield figure_of("ingest.incremental_share", shares, None, what)


def _plain(spark: SparkSession, files: str, folder: Path) -> None:
    """As a user would: text columns, no inference."""
    shutil.rmtree(folder / "plain", ignore_errors=True)
    spark.read.csv(files, header=True).write.parquet(str(folder / "plain"))


def _run(spark: SparkSession, warehouse: Path, files: str) -> Run:
    settings = load_settings("local", [f"warehouse={warehouse}"], {})
    (warehouse / "market").mkdir(parents=True)
    return Run(spark, settings, load_contract("market"), "first", files)


def _seconds(stage: Callable[[Run], object], run: Run) -> float:
    return timed(lambda: stage(run))[0]
