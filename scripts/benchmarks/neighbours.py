"""Neighbour prices of the synthetic market: exact in both ways, what a row costs at 1 and 10 million, and what use.

``BENCH_ROWS`` takes other numbers of rows: the first is asked in one index, the second in blocks.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from figures import Figure, figure_of, timed
from neighbours_every import said_by_every_row
from neighbours_use import Use
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from rows import NUMBERS, market, session

from housing_spark.features.neighbours import NeighbourPrices, NeighbourPricesModel, WiderPricesModel
from housing_spark.features.place import Place
from housing_spark.settings.features import Neighbours

_ROWS = tuple(int(number) for number in os.environ.get("BENCH_ROWS", "1000000,10000000").split(","))
_EXACT_ROWS = 20_000
_PLACE = Place(("latitude", "longitude"), is_flat=False, is_timed=True, known={})
_FEATURES = [name for name in NUMBERS if name not in (*_PLACE.columns, "day")]
_BLOCKS = {"broadcast_mb": 1}
_HEAP = "4g"


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    what = f"{_EXACT_ROWS:,} dated sales, most relative difference of any number from a search through every row"
    differences = _differences()
    yield figure_of("neighbours.brute_force_difference", differences, "<= 1e-09", f"{what}; one index, blocks", max)
    first, before = _cost(_ROWS[0], Neighbours(broadcast_mb=4_096))
    second, use = _cost(_ROWS[1], Neighbours(**_BLOCKS))
    what = "fit and transform of {rows:,} sales that are all training rows, 2 cores, once"
    one_index, blocks = (what.format(rows=rows) for rows in _ROWS)
    yield figure_of("neighbours.rows_per_second_few", [_ROWS[0] / first], None, f"{one_index}, one index")
    yield figure_of("neighbours.rows_per_second_many", [_ROWS[1] / second], None, f"{blocks}, in blocks")
    what = f"a row of {_ROWS[1]:,} in blocks over one of {_ROWS[0]:,} in one index"
    cost = use.seconds / _ROWS[1] / (before.seconds / _ROWS[0])
    yield figure_of("neighbours.cost_ratio", [cost], "<= 1.3", f"processor time of {what}")
    yield figure_of("neighbours.time_ratio", [second / _ROWS[1] / (first / _ROWS[0])], None, f"time of {what}")
    yield figure_of("neighbours.worker_gib", [use.worker], "<= 2", f"most that a Python worker held; {blocks}")
    yield figure_of("neighbours.driver_gib", [use.java], "<= 6", f"most that Java held, heap {_HEAP}; {blocks}")


def _differences() -> list[float]:
    """Of both ways."""
    with session(_HEAP) as (spark, _):
        rows = _described(spark, _EXACT_ROWS).cache()
        return _differences_of(rows)


def _differences_of(rows: DataFrame) -> list[float]:
    ways = Neighbours(lag_days=30), Neighbours(lag_days=30, **_BLOCKS, block_rows=_EXACT_ROWS // 2)
    models = [_fitted(rows, way) for way in ways]
    assert [near.facts.blocks is None for near, _ in models] == [True, False]  # noqa: S101
    expected = np.column_stack([said_by_every_row(rows, one) for one in models[0]])
    told = [np.column_stack([_numbers(rows, one) for one in both]) for both in models]
    return [float((np.abs(one - expected) / np.maximum(np.abs(expected), 1e-9)).max()) for one in told]


def _numbers(rows: DataFrame, model: NeighbourPricesModel | WiderPricesModel) -> Any:
    columns = model.transform(rows).select("row_key", *model.outputs).toPandas()
    return columns.sort_values("row_key").drop(columns="row_key").to_numpy()


def _cost(rows: int, settings: Neighbours) -> tuple[float, Use]:
    """Seconds, and what they took, in Python workers that held nothing before."""
    with session(_HEAP) as (spark, folder):
        sales = _stored(spark, folder, rows)
        with Use() as use:
            seconds, _ = timed(lambda: _done(PipelineModel([*_fitted(sales, settings)]).transform(sales)))
    print(f"{rows:,} rows: {seconds:.0f} s; {use}", file=sys.stderr, flush=True)
    return seconds, use


def _done(rows: DataFrame) -> None:
    rows.write.format("noop").mode("overwrite").save()


def _fitted(rows: DataFrame, settings: Neighbours) -> tuple[NeighbourPricesModel, WiderPricesModel]:
    model = NeighbourPrices(_PLACE, _FEATURES, settings).fit(rows)
    wider = WiderPricesModel.beside(model, settings)
    assert wider is not None  # noqa: S101  # the settings ask for it
    return model, wider


def _stored(spark: SparkSession, folder: Path, rows: int) -> DataFrame:
    path = f"{folder}/market_{rows}"
    _described(spark, rows).write.parquet(path)
    return spark.read.parquet(path)


def _described(spark: SparkSession, rows: int) -> DataFrame:
    """Sales with a day, every row a home of its own."""
    sales = market(spark, rows).withColumn(
        "event_time", F.date_add(F.lit("2018-01-01").cast("date"), F.col("day").cast("int"))
    )
    return sales.withColumn("content_hash", F.col("row_key"))
