"""Each planted leak is found by its own check; nothing is found on clean markets, nor in published sales."""

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.leakage import find_leaks
from housing_spark.leakage.future import foresight
from housing_spark.leakage.sample import ranks
from housing_spark.leakage.single import strength
from housing_spark.settings.leakage import Leakage
from housing_spark.settings.training import Split
from housing_spark.sources import LEAKS, market_sales, with_leak
from housing_spark.training import fit_split, with_split

NUMERIC = ("living_area_m2", "lot_area_m2", "rooms", "built", "condition", "km_to_coast", "school_score")
CATEGORICAL = ("city", "district", "dwelling")
PLACE = ("latitude", "longitude")
PLANTED = {
    "copy": ("strength", "tax_value"),
    "gap": ("missing", "energy_rating"),
    "backfill": ("shift", "broker_estimate"),
    "future": ("future", "district_price_later"),
    "twins": ("twins", "rows"),
}


def parted(sales: DataFrame) -> DataFrame:
    """As training sees them."""
    key = F.col("sale_id").cast("string")
    described = sales.withColumns(
        {"row_key": key, "group_key": key, "label": F.col("price"), "event_time": F.col("sold_on").cast("timestamp")}
    )
    split = fit_split(described, Split(), is_grouped=False)
    return with_split(described, split, is_grouped=False)


def test_every_kind_of_leak_is_planted() -> None:
    assert set(PLANTED) == set(LEAKS)


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_leak_is_found(spark: SparkSession, kind: str) -> None:
    check, column = PLANTED[kind]
    rows = parted(with_leak(market_sales(spark, rows=5_000, seed=3), kind, 3)).cache()
    numeric = NUMERIC if column == "rows" else (*NUMERIC, column)
    found = {(one.check, one.column): one for one in find_leaks(rows, numeric, CATEGORICAL, PLACE, Leakage())}
    assert (check, column) in found
    assert {name for _, name in found} == {column}
    assert found[check, column].value > found[check, column].bound
    allowed = Leakage(allow=(column,))
    assert find_leaks(rows, numeric, CATEGORICAL, PLACE, allowed) == ()
    rows.unpersist()


@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_found_on_a_clean_market(spark: SparkSession, seed: int) -> None:
    rows = parted(market_sales(spark, rows=5_000, seed=seed))
    assert find_leaks(rows, NUMERIC, CATEGORICAL, PLACE, Leakage()) == ()


def test_strength_is_out_of_sample() -> None:
    draw = np.random.default_rng(5)
    rank = ranks(draw.normal(size=4_000))
    assert strength(draw.integers(0, 2_000, 4_000), rank) < 0.05  # in sample, half of the variance
    assert strength((rank * 50).astype(np.int64), rank) > 0.99


def test_foresight_is_nothing_for_traits_and_for_what_is_made_of_past_sales() -> None:
    draw = np.random.default_rng(6)
    level = draw.normal(size=4_000)
    earlier, later = (level + draw.normal(size=4_000) for _ in range(2))
    trait, past, future = level + 0.3 * draw.normal(size=4_000), earlier + 0.1 * level, later + 0.1 * level
    assert abs(foresight(trait, earlier, later)) < 0.05
    assert foresight(past, earlier, later) < -0.4
    assert foresight(future, earlier, later) > 0.4


def test_ranks_share_places() -> None:
    assert list(ranks(np.array([3.0, 1.0, 3.0, 2.0]))) == [0.75, 0.125, 0.75, 0.375]
