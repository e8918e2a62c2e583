"""What a tree is fitted on: a share of the rows, and errors that count less where they are large."""

import numpy as np
import pytest

from housing_spark.training.hist.boost import boost, training_matrix
from housing_spark.training.hist.sampling import RowSample


def test_each_tree_is_fitted_on_a_share_of_the_rows_of_its_own() -> None:
    draw = np.random.default_rng(3)
    codes, target = draw.integers(0, 256, (20_000, 3)).astype(np.uint8), draw.normal(size=20_000).astype(np.float32)
    sample = RowSample(codes, target, 0.7, seed=1)
    first, second = sample.of(0), sample.of(1)
    assert first.mean() == pytest.approx(0.7, abs=0.02)
    assert (first & second).mean() == pytest.approx(0.49, abs=0.02)
    assert (RowSample(codes, target, 0.7, seed=2).of(0) != first).any()
    assert (sample.of(0) == first).all()


def test_with_hubers_loss_a_few_wrong_prices_do_not_pull_a_leaf() -> None:
    draw = np.random.default_rng(4)
    codes = np.repeat(np.array([[0], [1]], np.uint8), 5_000, axis=0)
    target = (codes[:, 0] + draw.normal(scale=0.1, size=10_000)).astype(np.float32)
    target[:100] += 50.0
    training = training_matrix(codes, target, np.ones(10_000, np.float32))
    parameters = {"step_size": 0.3, "max_depth": 1, "min_instances_per_node": 5, "l2": 1.0, "column_share": 1.0}
    squared, huber = (
        boost(training, parameters | more, {"seed": 7}, num_boost_round=200).inplace_predict(codes[[0, -1]])
        for more in ({}, {"huber_delta": 0.2})
    )
    assert squared == pytest.approx([1.0, 1.0], abs=0.02)
    assert huber == pytest.approx([0.0, 1.0], abs=0.02)
