"""What makes homes alike is what tells their prices, wherever it stands among the telling features. Needs no Spark."""

import numpy as np
import pyarrow as pa
import pytest

from housing_spark.features.neighbours import elimination
from housing_spark.features.neighbours.elimination import left_alike
from housing_spark.features.neighbours.space import Space

NAMES = ("colour", "area", "door", "age")
GROUND = Space(is_flat=True, unit=10.0, grids=())


def sample(draw: np.random.Generator, rows: int = 1_500) -> pa.Table:
    columns = {name: draw.normal(size=rows) for name in NAMES} | {name: draw.uniform(size=rows) for name in "xy"}
    price = 100 * columns["area"] + 80 * np.abs(columns["age"]) + 5 * columns["x"] + draw.normal(size=rows)
    keys = np.sort(draw.integers(0, 2**62, rows))
    whole = {"_key": keys, "_time": np.zeros(rows, np.int64), "_group": keys, "_content": keys}
    return pa.table({"_price": price, **whole, **columns})


def test_the_features_that_prices_do_not_need_are_left_out() -> None:
    table = sample(np.random.default_rng(1))
    assert left_alike(table, "xy", GROUND, NAMES, 2) == ["area", "age"]
    assert left_alike(table, "xy", GROUND, NAMES, 1) == ["area"]
    assert left_alike(table, "xy", GROUND, NAMES, 9) == list(NAMES)


def test_a_home_is_not_told_its_own_price_nor_that_of_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each home comes twice: with its own price in sight, none would miss anything."""
    table = sample(np.random.default_rng(2), 800)
    twice = pa.concat_tables([table, table.set_column(1, "_key", pa.array(table["_key"].to_numpy() + 1))])
    errors = []
    plain = elimination._error
    monkeypatch.setattr(elimination, "_error", lambda *given: errors.append(plain(*given)) or errors[-1])
    assert left_alike(twice.sort_by("_key"), "xy", GROUND, NAMES, 2) == ["area", "age"]
    assert min(errors) > 12  # below 10 where the twin is seen
