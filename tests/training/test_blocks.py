"""Blocks of the map: of equal size, whole in one part, the same on any layout."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.training import learn_blocks, with_block_split
from housing_spark.training.blocks import blocks_of

SHARES = {"train": 0.64, "validation": 0.08, "calibration": 0.08, "test": 0.2}
PLACE = ("north", "east")
ROWS = 3000


@pytest.fixture(scope="module")
def homes(spark: SparkSession) -> DataFrame:
    draw = np.random.default_rng(5)
    places = np.exp(draw.normal(0, 1, (ROWS, 2)))  # crowded near the middle
    rows = [(f"{i:05}", f"{i // 2:05}", *map(float, at)) for i, at in enumerate(places)]
    rows += [(f"lost{i}", f"lost{i}", None, None) for i in range(50)]
    return spark.createDataFrame(rows, "row_key string, group_key string, north double, east double").persist()


def parted(rows: DataFrame, group: str = "row_key", salt: str = "housing") -> DataFrame:
    own = rows.withColumn("group_key", F.col(group))
    return with_block_split(own, learn_blocks(rows, PLACE, 64), SHARES, salt)


def test_a_block_is_of_the_test_part_or_of_the_others_never_of_both(homes: DataFrame) -> None:
    found = parted(homes).toPandas()
    placed = found[found.block.notna()]
    assert placed.block.nunique() == 64
    sizes = placed.block.value_counts()
    assert sizes.max() <= 1.3 * sizes.min()
    of_test = placed.groupby("block").split.apply(lambda parts: (parts == "test").mean())
    assert set(of_test) == {0.0, 1.0}
    assert 0.19 < (found.split == "test").mean() < 0.21
    others = found[found.split != "test"].split.value_counts(normalize=True)
    assert others["train"] == pytest.approx(0.8, abs=0.03)
    assert not (found[found.block.isna()].split == "test").any()


def test_the_layout_does_not_count_and_the_salt_does(homes: DataFrame) -> None:
    one, other, salted = (
        frame.toPandas().set_index("row_key").split.sort_index()
        for frame in (parted(homes), parted(homes.repartition(7, "east")), parted(homes, salt="other"))
    )
    assert one.equals(other)
    assert not one.equals(salted)


def test_rows_of_a_group_that_is_tested_elsewhere_play_no_part(homes: DataFrame) -> None:
    found = parted(homes, "group_key").toPandas()
    of_group = found.assign(part=found.split.fillna("none")).groupby("group_key").part.agg(set)
    assert {"test", "none"} in list(of_group)
    assert all(len(parts - {"none"}) == 1 for parts in of_group)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=80),
    st.integers(4, 100),
)
def test_any_places_are_cut(places: list[tuple[int, int]], count: int) -> None:
    blocks = blocks_of(np.array(places, dtype=np.float64), PLACE, count)
    assert len(blocks.blocks) == len(blocks.strips) + 1
    assert len({len(edges) for edges in blocks.blocks}) == 1
    assert list(blocks.strips) == sorted(blocks.strips)
    assert all(list(edges) == sorted(edges) and np.isfinite(edges).all() for edges in blocks.blocks)
