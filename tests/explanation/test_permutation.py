"""Importance by permutation: what prices do not depend on adds nothing, and a place is swapped as a whole."""

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.explanation import rises, swapped_homes

HOMES = 500
SOURCES = {"area": ["area"], "place": ["north", "east"], "colour": ["colour"]}


@pytest.fixture(scope="module")
def homes() -> pa.Table:
    draw = np.random.default_rng(4)
    north = draw.normal(size=HOMES)
    return pa.table({
        "label": draw.normal(size=HOMES), "area": draw.normal(size=HOMES), "north": north, "east": -north,
        "colour": draw.choice(["red", "blue"], HOMES),
    })  # fmt: skip


def test_each_source_is_swapped_alone_and_its_columns_together(homes: pa.Table) -> None:
    swapped = swapped_homes(homes, SOURCES, seed=1)
    for source in ("", *SOURCES):
        part = swapped.filter(pa.compute.equal(swapped["swapped"], source)).drop_columns(["swapped"])
        assert part.num_rows == HOMES
        for name in homes.column_names:
            own = SOURCES.get(source, ())
            assert (part[name].combine_chunks() != homes[name].combine_chunks()) is (name in own)
            assert sorted(part[name].to_pylist()) == sorted(homes[name].to_pylist())
        assert np.allclose(part["north"].to_numpy(), -part["east"].to_numpy())


def test_errors_rise_by_what_prices_depend_on(spark: SparkSession, homes: pa.Table) -> None:
    known = homes.set_column(0, "label", pa.array(3 * homes["area"].to_numpy() + homes["north"].to_numpy()))
    rows = spark.createDataFrame(swapped_homes(known, SOURCES, seed=1))
    found = rises(rows.withColumn("prediction", 3 * F.col("area") + F.col("north")))
    assert list(found) == ["area", "place", "colour"]
    assert found["colour"] == 0
    # Two independent draws of the same numbers lie the square root of 2 of their spread apart.
    assert found["area"] == pytest.approx(3 * np.sqrt(2) * homes["area"].to_numpy().std(), rel=0.1)
