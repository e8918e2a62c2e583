"""Contributions of trees are Shapley values, by enumeration of all subsets of features."""

import numpy as np
import pytest

from housing_spark.explanation.shapley import tree_contributions
from housing_spark.explanation.trees import Tree
from tests.explanation.small_trees import FEATURES, expected, random_rows, random_tree, shapley


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8])
def test_contributions_are_shapley_values(depth: int) -> None:
    trees, rows = [random_tree(seed, depth) for seed in range(3)], random_rows(depth, 7)
    base, found = tree_contributions(trees, rows)
    wanted = np.array([sum(shapley(tree, row) for tree in trees) for row in rows])
    assert np.abs(found - wanted).max() < 1e-12
    assert base == pytest.approx(sum(expected(tree, rows[0], ()) for tree in trees), abs=1e-12)


def test_base_and_contributions_add_up_to_the_prediction() -> None:
    trees, rows = [random_tree(seed, 8) for seed in range(50)], random_rows(1, 300)
    base, found = tree_contributions(trees, rows)
    every = tuple(range(FEATURES))
    wanted = np.array([sum(expected(tree, row, every) for tree in trees) for row in rows])
    assert np.abs(base + found.sum(axis=1) - wanted).max() < 1e-11


def test_a_tree_of_one_leaf_is_all_base() -> None:
    leaf = Tree(np.array([-1]), np.array([-1]), np.array([np.nan]), np.array([3.5]), np.array([0.0]))
    base, found = tree_contributions([leaf], random_rows(2, 4))
    assert base == 3.5
    assert (found == 0).all()


def test_rows_are_explained_alike_alone_and_among_others() -> None:
    trees, rows = [random_tree(4, 6)], random_rows(3, 400)
    _, together = tree_contributions(trees, rows)
    for place in (0, 127, 128, 399):
        _, alone = tree_contributions(trees, rows[[place]])
        assert (alone[0] == together[place]).all()


def test_a_node_without_training_rows_is_refused() -> None:
    tree = random_tree(5, 2)
    tree.covers[1] = 0.0
    with pytest.raises(ValueError, match="node 1 of a tree has no training rows"):
        tree_contributions([tree], random_rows(4, 2))
