"""Which families of features a model has is part of the search: a trial may leave one out."""

import json
import re
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from housing_spark.features import family_of
from housing_spark.settings import Search
from housing_spark.settings.features import FAMILIES
from housing_spark.training.hist.bins import Bins
from housing_spark.training.hist.matrix import Coded, CodedFold
from housing_spark.training.hist.trial import TrialWork
from housing_spark.training.trials import Proposal

GIVEN = {
    "step_size": 0.3, "max_depth": 3, "min_instances_per_node": 2, "l2": 1.0, "column_share": 1.0, "max_trees": 20,
}  # fmt: skip


@pytest.fixture(scope="module")
def fold() -> CodedFold:
    draw = np.random.default_rng(4)
    codes = draw.integers(0, 60, (1_200, 4)).astype(np.uint8)
    prices = 1_000.0 + 20.0 * codes[:, 0] + 10.0 * codes[:, 2] + draw.normal(0, 20, len(codes))
    parts = ((codes[part], prices[part]) for part in (slice(800), slice(800, 1_200)))
    return CodedFold(*(Coded(*part, np.ones(len(part[0])), is_whole=True) for part in parts))


def fitted(fold: CodedFold, left_out: str) -> tuple[float, set[int]]:
    """The loss of a trial, and the features that its trees split on."""
    work = TrialWork([fold], 5, {"seed": 7}, None, 0, {"neighbours": (0,), "place": (1, 2)})
    trial, trees = work.run(Proposal("gbt", 0, GIVEN | {"left_out": left_out}, {}), 1)
    nodes = json.loads(trees)["learner"]["gradient_booster"]["model"]["trees"]
    return trial.loss, {
        feature for tree in nodes for feature, left in zip(tree["split_indices"], tree["left_children"], strict=True)
        if left >= 0
    }  # fmt: skip


def test_a_trial_leaves_a_family_out(fold: CodedFold) -> None:
    whole, used = fitted(fold, "none")
    assert {0, 2} <= used
    without_neighbours, used = fitted(fold, "neighbours")
    assert 0 not in used
    without_place, used = fitted(fold, "place")
    assert not used & {1, 2}
    assert whole < without_place < without_neighbours


def test_a_family_without_features_changes_nothing(fold: CodedFold) -> None:
    assert fitted(fold, "time") == fitted(fold, "none")


def test_rows_coded_for_a_fit_on_all_leave_it_out_too() -> None:
    bins = Bins((np.array([1.0, 2.0]), np.array([0.5])), {})
    values = np.array([[3.0, 1.0], [1.5, 0.0]])
    assert bins.codes(values).tolist() == [[2, 1], [1, 0]]
    assert bins.without((0,)).codes(values).tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("spaces", "said"),
    [
        ({"gbt": {"left_out": {"choices": ["none", "weather"]}}}, "got ['weather']"),
        ({"elastic_net": {"left_out": {"choices": ["none", "time"]}}}, "only gbt by hist"),
        ({"gbt": {"left_out": {"low": 0, "high": 1}}}, "expected choices of none, time"),
    ],
)
def test_mistakes_name_the_families(spaces: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        Search(spaces=spaces)


def test_columns_know_their_family() -> None:
    names = {
        "time__years": "time", "axis__45": "place", "distance_to__centre": "place", "near__mean_area": "neighbours",
        "alike__price_kriged": "neighbours", "a__times__b": "ratios", "a__per__b": "ratios",
        "area__missing": "missing_indicators", "area__outlier": "outlier_flags", "town__mean_price": "target_encoding",
        "area__value": None, "town__index": None,
    }  # fmt: skip
    assert {name: family_of(name) for name in names} == names
    assert set(names.values()) - {None} == set(FAMILIES)
