"""Kriging and the choice of what makes homes alike, without Spark: against one system at a time, by construction."""

import numpy as np
import pytest
from numpy.typing import NDArray

from housing_spark.features.neighbours import kriging
from housing_spark.features.neighbours.choice import most_telling
from housing_spark.features.neighbours.nearest import Nearest, NearestIndex, Points


def one_by_one(
    row: NDArray[np.float64], places: NDArray[np.intp], points: NDArray[np.float64], prices: NDArray[np.float64]
) -> float:
    """The textbook's system of ordinary kriging, with a multiplier that makes the weights add up to 1."""
    seen, count = points[places], len(places)
    apart = np.sqrt(((seen[:, None] - seen[None]) ** 2).sum(axis=2))
    system = np.ones((count + 1, count + 1))
    system[:count, :count] = np.exp(-apart / kriging._RANGE) + kriging._NUGGET * np.eye(count)
    system[count, count] = 0.0
    right = np.append(np.exp(-np.sqrt(((seen - row) ** 2).sum(axis=1)) / kriging._RANGE), 1.0)
    return float(np.linalg.solve(system, right)[:count] @ prices[places])


def test_kriged_prices_solve_the_textbook_system_whatever_neighbours_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = np.random.default_rng(1)
    points, prices = draw.normal(size=(200, 3)), draw.lognormal(12, 0.4, 200)
    identities = np.arange(200)[:, None]
    nearest = NearestIndex(Points(points, identities, None)).nearest(Points(points, identities, None), 12)
    nearest.places[3, 5:], nearest.distances[3, 5:] = -1, np.inf
    nearest.places[4], nearest.distances[4] = -1, np.inf
    whole = kriging.kriged(nearest, points, prices)
    for row in (0, 3, 199):
        places = nearest.places[row][nearest.places[row] >= 0]
        assert whole[row] == pytest.approx(one_by_one(points[row], places, points, prices), rel=1e-9)
    assert np.flatnonzero(np.isnan(whole)).tolist() == [4]
    monkeypatch.setattr(kriging, "_CELLS", 144 * 7)
    assert (kriging.kriged(nearest, points, prices)[5:] == whole[5:]).all()  # to the last bit, however rows are batched
    few = Nearest(nearest.distances[:0], nearest.places[:0])
    assert kriging.kriged(few, points, prices).shape == (0,)


def test_a_row_that_sees_others_unseen_by_its_own_price() -> None:
    draw = np.random.default_rng(2)
    points, identities = draw.normal(size=(50, 2)), np.arange(50)[:, None]
    rows = Points(points, identities, None)
    nearest = NearestIndex(rows).nearest(rows, 8)
    prices = draw.lognormal(12, 0.4, 50)
    other = np.where(np.arange(50) == 7, 1e9, prices)
    before, after = (kriging.kriged(nearest, points, known)[7] for known in (prices, other))
    assert before == after


def test_features_are_chosen_by_what_place_and_earlier_ones_leave_unexplained() -> None:
    draw = np.random.default_rng(3)
    ground, keys = draw.uniform(size=(3_000, 2)), draw.integers(0, 2**62, 3_000)
    area, age = draw.normal(size=(2, 3_000))
    features = {
        "age": age, "area": area, "area_again": area + 0.01 * draw.normal(size=3_000), "constant": np.ones(3_000),
        "north": ground[:, 1], "gaps": np.full(3_000, np.nan),
    }  # fmt: skip
    prices = 5.0 * ground[:, 1] + area + 0.3 * age
    chosen = most_telling(ground, keys, features, prices, 6)
    assert chosen[:2] in (
        ["area", "age"],
        ["area_again", "age"],
    )  # place tells what north does, area what it does again
    assert not {"constant", "gaps"} & set(chosen)
    assert most_telling(ground, keys, {}, prices, 6) == []
    assert most_telling(ground[:1], keys[:1], {"area": area[:1]}, prices[:1], 6) == []
