"""Neighbours without Spark: the index against a search through every row, what is said of them by hand."""

import numpy as np
import pyarrow as pa
import pytest
from pyspark import cloudpickle

from housing_spark.earth import EARTH_KM
from housing_spark.features.neighbours.facts import Facts
from housing_spark.features.neighbours.kept import lookup_of
from housing_spark.features.neighbours.lookup import Lookup
from housing_spark.features.neighbours.nearest import Nearest, NearestIndex, Points
from housing_spark.features.neighbours.reference import Rows
from housing_spark.features.neighbours.space import Space, nudged
from housing_spark.features.neighbours.summaries import means, summaries, summary_names, without_neighbours
from housing_spark.features.neighbours.wider import WiderFacts


def test_what_is_said_of_neighbours_by_hand() -> None:
    nearest = Nearest(np.array([[1.0, 2.0, np.inf], [0.0, 0.0, 4.0]]), np.array([[2, 0, -1], [0, 1, 2]]))
    prices, area = np.array([100.0, 300.0, 500.0]), np.array([10.0, 20.0, 0.0])
    said = summaries(nearest, prices, (1, 3), (area, np.array([2.0, np.nan])))
    names = summary_names("near", (1, 3), "area")
    assert names == ("near__price_1", "near__price_3", "near__price_weighted", "near__price_spread",
                     "near__price_by_area")  # fmt: skip
    first, second = (dict(zip(names, row, strict=True)) for row in said)
    assert (first["near__price_1"], first["near__price_3"]) == (500.0, 300.0)
    assert first["near__price_weighted"] == pytest.approx((500 / 1 + 100 / 2) / 1.5)
    assert (first["near__price_spread"], first["near__price_by_area"]) == (200.0, 20.0)
    assert second["near__price_weighted"] == pytest.approx((100 / 0.4 + 300 / 0.4 + 500 / 4) / (2 / 0.4 + 1 / 4))
    assert second["near__price_by_area"] == 300.0  # it lacks the feature: the plain mean
    usual = dict(zip(names, without_neighbours(prices, 7.0, (1, 3), "area"), strict=True))
    assert usual == {**dict.fromkeys(names, 300.0), "near__price_spread": 100.0}
    assert means(nearest, {"area": area}, 2).tolist() == [[5.0], [15.0]]


def test_flats_of_one_building_count_alike() -> None:
    prices = np.array([1_000_000.0, *[100_000.0] * 19, 5.0])
    table = pa.table({
        "_price": prices, "_key": np.arange(21), "_time": np.zeros(21, int), "_group": np.arange(21),
        "_content": np.arange(21), "east": [*[3.0] * 20, 90_000.0], "north": [*[4.0] * 20, 9.0],
    })  # fmt: skip
    flat = Space(is_flat=True, unit=1.0, grids=())
    flat = flat.around(np.column_stack([table["east"], table["north"]]), np.empty((21, 0)))
    usual = tuple(without_neighbours(prices, flat.extent, (20,), None).tolist())
    facts = Facts(("east", "north"), (), (), None, (20,), 10, None, flat, flat, usual=usual)
    rows = Rows(np.array([[3.0, 4.0]]), np.empty((1, 0)), np.full((1, 2), -1), np.zeros(1, int))
    said = dict(zip(facts.names, Lookup(facts, table).describe(rows)[0], strict=True))
    assert said["near__price_weighted"] == pytest.approx(said["near__price_20"]) == pytest.approx(145_000)
    assert said["near__distance_5"] == said["near__distance_20"] == 0.0


def test_trees_are_built_once_in_a_process() -> None:
    flat = Space(is_flat=True, unit=1.0, grids=())
    facts = Facts(("east", "north"), (), (), None, (20,), 10, None, flat, flat)
    twice = [cloudpickle.loads(cloudpickle.dumps(lambda: lookup_of("one", facts, dict))) for _ in range(2)]
    first = twice[0]()
    wider = lookup_of("wide", WiderFacts(("east", "north"), (), (flat,), 8, None, 0.0), dict)
    assert first is twice[1]()  # one of the other kind does not take its place
    assert lookup_of("wide", WiderFacts(("east", "north"), (), (flat,), 8, None, 0.0), dict) is wider
    assert lookup_of("other", facts, dict) is not first


@pytest.mark.parametrize("is_ordered", [False, True])
@pytest.mark.parametrize("is_timed", [False, True])
def test_the_index_is_exact_whatever_may_not_be_seen(*, is_timed: bool, is_ordered: bool) -> None:
    draw = np.random.default_rng(5)
    positions, identities = draw.normal(size=(4_000, 3)), draw.integers(0, 40, (4_000, 2))
    times = draw.integers(0, 5_000, 4_000) if is_timed else None
    if times is not None and is_ordered:
        times = np.sort(times)
    rows = Points(positions, identities, times)
    nearest = NearestIndex(rows).nearest(rows, 20)
    chosen = draw.choice(4_000, 300, replace=False)
    distances = np.sqrt(((positions[chosen, None] - positions[None]) ** 2).sum(axis=2))
    allowed = (identities[chosen, None] != identities[None]).all(axis=2)
    if times is not None:
        allowed &= times[None] < times[chosen, None]
    distances[~allowed] = np.inf
    expected = np.sort(distances, axis=1)[:, :20]
    assert np.allclose(nearest.distances[chosen], expected)
    assert ((nearest.places[chosen] < 0) == np.isinf(expected)).all()


def test_ties_are_broken_by_the_key_and_not_by_the_order() -> None:
    keys = np.arange(500)
    moved = nudged(np.zeros((500, 2)), keys, 0, 1.0)
    order = np.random.default_rng(6).permutation(500)
    assert (nudged(np.zeros((500, 2)), keys[order], 0, 1.0) == moved[order]).all()
    assert len(np.unique(moved, axis=0)) == 500
    assert 0 < np.abs(moved).max() < 1e-9


def test_a_place_that_cannot_be_has_no_position() -> None:
    space = Space(is_flat=False, unit=1.0, grids=((0.0, 1.0),))
    coordinates = np.array([[10.0, 20.0], [np.nan, 20.0], [1e30, 20.0], [10.0, np.inf]])
    positions = space.positions(coordinates, np.array([[0.5], [0.5], [0.5], [0.5]]))
    assert np.isfinite(positions).all(axis=1).tolist() == [True, False, False, False]
    assert np.linalg.norm(positions[0, :3]) == pytest.approx(EARTH_KM)
