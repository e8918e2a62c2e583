"""Comparable sales: the nearest by reasons and place, none that a home must not see, the same on any layout."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from housing_spark.explanation import Homes, Nearness, with_comparables
from housing_spark.explanation.comparables import nearest_sales

NEARNESS = Nearness(count=3, reach=10.0, is_flat=False)


def table(rows: int, seed: int) -> pa.Table:
    draw = np.random.default_rng(seed)
    return pa.table({
        "_first": 40 + draw.normal(0, 0.1, rows), "_second": -93 + draw.normal(0, 0.1, rows),
        "_time": draw.integers(0, 20, rows) * 86_400_000_000, "_group": draw.integers(0, rows // 2, rows),
        "_key": [f"{seed}-{place:03d}" for place in range(rows)], "_sold_for": draw.uniform(1e5, 3e5, rows),
        "_base": np.full(rows, 150_000.0), "_contributions": pa.array(draw.normal(0, 2e4, (rows, 4)).tolist()),
    })  # fmt: skip


def as_said(homes: Homes, row: int, sales: Homes) -> list[int]:
    """One by one, as the documentation says it."""
    found = []
    for place in range(len(sales.keys)):
        north = np.radians(sales.places[place, 0] - homes.places[row, 0])
        east = np.radians(sales.places[place, 1] - homes.places[row, 1]) * np.cos(np.radians(homes.places[row, 0]))
        tenths = np.append((sales.reasons[place] - homes.reasons[row]) / 0.1, 6_371.0088 * np.hypot(north, east) / 10)
        if sales.groups[place] != homes.groups[row] and sales.times[place] < homes.times[row]:
            found.append((float(tenths @ tenths), place))
    return [place for _, place in sorted(found)[:3]]


def test_the_nearest_by_reasons_and_place_are_named() -> None:
    homes, sales = Homes.of(table(40, 1)), Homes.of(table(200, 2))
    for row in range(40):
        assert nearest_sales(homes, row, sales, NEARNESS)[0].tolist() == as_said(homes, row, sales)


def test_a_home_does_not_see_its_own_sale_nor_its_group() -> None:
    homes = Homes.of(table(30, 3))
    for row in range(30):
        found, _ = nearest_sales(homes, row, homes, Nearness(30, 10.0, is_flat=True))
        assert row not in found
        assert homes.groups[row] not in homes.groups[found]


@pytest.mark.parametrize("is_flat", [False, True])
def test_a_home_without_time_or_place_sees_every_sale(is_flat: bool) -> None:
    known = table(6, 4).set_column(3, "_group", pa.array(range(6), pa.int64()))
    blank = known.set_column(2, "_time", pa.nulls(6, pa.int64())).set_column(0, "_first", pa.array([np.nan] * 6))
    found, away = nearest_sales(Homes.of(blank), 0, Homes.of(known), Nearness(9, 1.0, is_flat=is_flat))
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert np.isnan(away).all()


def test_sales_are_the_same_on_any_layout(spark: SparkSession) -> None:
    frame, sales = spark.createDataFrame(table(50, 5)), Homes.of(table(80, 6))
    one, seven = (
        with_comparables(frame.withColumn("key", frame["_key"]).repartition(count), sales, NEARNESS)
        .toArrow()
        .sort_by("key")
        for count in (1, 7)
    )
    assert one == seven
    assert one.schema.names == ["_base", "_contributions", "key", "comparable_sales"]
    first = one["comparable_sales"][-1].as_py()[0]
    place = sales.keys.tolist().index(first["key"])
    assert first["price"] == sales.prices[place]
    assert first["sold_at"] == datetime.fromtimestamp(sales.times[place] / 1e6, UTC)
    assert first["distance"] > 0


def test_where_no_sale_may_be_seen_none_is_named(spark: SparkSession) -> None:
    early = table(3, 7).set_column(2, "_time", pa.array([0, 0, 0], pa.int64()))
    found = with_comparables(spark.createDataFrame(early), Homes.of(table(20, 8)), NEARNESS).toArrow()
    assert found["comparable_sales"].to_pylist() == [[], [], []]
