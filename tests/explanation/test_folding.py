"""Columns fold to their sources and logarithms to currency, and no sum changes."""

import numpy as np
import pytest

from housing_spark.explanation.currency import in_currency
from housing_spark.explanation.folding import Folding
from housing_spark.features import family_of

FEATURES, PLACE = ("area", "rooms", "lat", "long", "town"), ("lat", "long")


def folded(*columns: str) -> dict[str, list[float]]:
    folding = Folding.of(columns, FEATURES, PLACE, family_of)
    return {name: folding.shares[:, place].tolist() for place, name in enumerate(folding.sources)}


def test_columns_of_one_feature_are_one_source() -> None:
    assert folded("area", "area", "town") == {"area": [1, 1, 0], "town": [0, 0, 1]}


def test_what_follows_from_the_place_is_the_location() -> None:
    assert folded("lat", "axis__45", "long", "distance_to__downtown") == {"location": [1, 1, 1, 1]}


def test_what_neighbours_say_is_one_source() -> None:
    assert folded("near__price_3", "near__mean_area", "alike__price_kriged") == {"neighbours": [1, 1, 1]}


def test_trend_and_season_are_one_source() -> None:
    assert folded("time__years", "time__month") == {"time": [1, 1]}


def test_a_product_belongs_to_both_and_a_square_to_one() -> None:
    assert folded("area__times__rooms", "area__times__area", "area__per__lat") == {
        "area": [0.5, 1, 0.5], "rooms": [0.5, 0, 0], "location": [0, 0, 0.5],
    }  # fmt: skip


def test_every_share_is_given_to_somebody() -> None:
    columns = ("area", "axis__15", "rooms__per__area", "near__price_1", "something")
    assert Folding.of(columns, FEATURES, PLACE, family_of).shares.sum(axis=1).tolist() == [1.0] * len(columns)


def test_contributions_in_currency_add_up_to_the_price() -> None:
    found = np.random.default_rng(1).normal(0, 0.5, (1_000, 12))
    base, money = in_currency(12.0, found)
    price = np.exp(12.0 + found.sum(axis=1))
    assert base == pytest.approx(np.exp(12.0))
    assert np.abs((base + money.sum(axis=1)) / price - 1).max() < 1e-12
    assert (np.sign(money) == np.sign(found)).all()


def test_where_reasons_cancel_each_is_worth_its_share_of_the_price() -> None:
    base, money = in_currency(np.log(1_000.0), np.array([[0.25, -0.25], [0.0, 0.0], [1e-12, 0.0]]))
    assert base == pytest.approx(1_000)
    assert money == pytest.approx(np.array([[250, -250], [0, 0], [1e-9, 0]]), rel=1e-6)
