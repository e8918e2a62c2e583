"""Trees on random cut points: few for each tree, others for the next, and every one of them a cut of the codes."""

import json

import numpy as np
import pytest

from housing_spark.training.hist import random_cuts
from housing_spark.training.hist.boost import error_of
from housing_spark.training.hist.fitting import Fit, Standardized
from housing_spark.training.hist.random_cuts import RandomCuts

PARAMETERS = {"step_size": 0.1, "max_depth": 4, "min_instances_per_node": 5, "l2": 1.0, "column_share": 1.0}
OPTIONS = {"seed": 3, "nthread": 1}


def rows(count: int, seed: int) -> Standardized:
    draw = np.random.default_rng(seed)
    codes = draw.integers(0, 256, (count, 3)).astype(np.uint8)
    codes[:, 2] %= 3
    target = np.sin(codes[:, 0] / 30) + codes[:, 1] / 128 + codes[:, 2] + draw.normal(scale=0.3, size=count)
    target = ((target - target.mean()) / target.std()).astype(np.float32)
    return Standardized(codes, target, np.ones(count, np.float32))


def thresholds(fit: Fit, training: Standardized) -> list[set[tuple[int, float]]]:
    """Feature and cut of the nodes of each tree."""
    trees = json.loads(fit.on(training, None).save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
    parts = ("left_children", "split_indices", "split_conditions")
    return [{(f, c) for left, f, c in zip(*(tree[part] for part in parts), strict=True) if left >= 0} for tree in trees]


def test_a_tree_sees_few_cuts_of_a_feature_and_the_next_one_others(monkeypatch: pytest.MonkeyPatch) -> None:
    training = rows(4_000, 1)
    seen = thresholds(Fit(PARAMETERS | {"random_cuts": 5, "max_depth": 8}, OPTIONS, 40), training)
    for feature, most in ((0, 5), (1, 5), (2, 2)):
        cuts = [{cut for which, cut in tree if which == feature} for tree in seen]
        assert max(map(len, cuts)) == most
        assert all(cut == round(cut) for tree in cuts for cut in tree)
    first = [{cut for which, cut in tree if which == 0} for tree in seen]
    assert first[0] != first[1]
    assert len(set().union(*first)) > 40
    assert len(first[0] | first[16]) == 5  # draws are taken in turn
    monkeypatch.setattr(random_cuts, "_MOST_BYTES", 1)
    fewer = thresholds(Fit(PARAMETERS | {"random_cuts": 5, "max_depth": 8}, OPTIONS, 40), training)
    assert len(set().union(*({cut for which, cut in tree if which == 0} for tree in fewer))) <= 4 * 5


def test_codes_become_the_lowest_that_no_cut_parts_from_them() -> None:
    training = rows(500, 2)
    starts = RandomCuts(training.codes, training.target, training.weights, 6, OPTIONS)._starts(0)
    assert starts[2].tolist() == [0, 1, 2]  # a feature of few codes keeps all
    for feature in (0, 1):
        codes = np.arange(int(training.codes[:, feature].max()) + 1)
        seen = random_cuts._lowest(starts[feature])[codes].astype(int)
        assert len(np.unique(seen)) == 7
        assert (np.diff(seen) >= 0).all()
        assert (seen <= codes).all()
        assert (seen[seen] == seen).all()


def test_validation_ends_the_fit_after_the_best_tree() -> None:
    training, judging = rows(1_500, 3), rows(1_500, 4)
    whole = Fit(PARAMETERS | {"random_cuts": 12}, OPTIONS, 400).on(training, None)
    ended = Fit(PARAMETERS | {"random_cuts": 12}, OPTIONS, 400, patience=15).on(training, judging)
    kept = ended.num_boosted_rounds()
    errors = [
        error_of(whole.inplace_predict(judging.codes, iteration_range=(0, trees)), judging.target)
        for trees in range(1, kept + 16)
    ]
    assert 15 < kept < 385
    assert min(errors) == pytest.approx(errors[kept - 1], rel=1e-6)
    assert whole[:kept].save_raw("json") == ended.save_raw("json")


def test_many_draws_price_smoother_than_all_cuts_do() -> None:
    training, judging, truth = rows(1_000, 5), rows(1_000, 6), rows(20_000, 7)
    plain, drawn = (
        Fit(PARAMETERS | more, OPTIONS, 600, patience=30).on(training, judging) for more in ({}, {"random_cuts": 12})
    )
    assert error_of(drawn.inplace_predict(truth.codes), truth.target) < error_of(
        plain.inplace_predict(truth.codes), truth.target
    )
