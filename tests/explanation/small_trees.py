"""Trees drawn at random, and their Shapley values by the definition: over all subsets of features."""

from itertools import combinations
from math import factorial

import numpy as np

from housing_spark.explanation.trees import Tree

FEATURES, CATEGORIES = 5, 4  # the last feature is a category


def random_tree(seed: int, depth: int) -> Tree:
    """Level by level; a node above the last level is a leaf in one of six cases; features come again on a path."""
    draw = np.random.default_rng(seed)
    left, features, covers, sets, level = [], [], [1000.0], {}, [0]
    for step in range(depth + 1):
        below: list[int] = []
        for node in level:
            is_leaf = step == depth or (step > 0 and draw.random() < 1 / 6)
            left.append(-1 if is_leaf else len(covers))
            features.append(-1 if is_leaf else int(draw.integers(FEATURES)))
            if is_leaf:
                continue
            if features[-1] == FEATURES - 1:
                sets[node] = draw.permutation(CATEGORIES)[: draw.integers(1, CATEGORIES)]
            below += [len(covers), len(covers) + 1]
            share = draw.uniform(0.05, 0.95)
            covers += [covers[node] * share, covers[node] * (1 - share)]
        level = below
    return Tree(
        np.array(left),
        np.array(features),
        draw.normal(size=len(left)),
        draw.normal(size=len(left)),
        np.array(covers),
        sets,
    )


def random_rows(seed: int, rows: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.column_stack([draw.normal(size=(rows, FEATURES - 1)), draw.integers(0, CATEGORIES, rows)])


def expected(tree: Tree, row: np.ndarray, known: tuple[int, ...], node: int = 0) -> float:
    """What the tree says of a row of which only some features are known: the others follow the training rows."""
    first = tree.left[node]
    if first < 0:
        return float(tree.values[node])
    both = [expected(tree, row, known, child) for child in (first, first + 1)]
    feature = tree.features[node]
    if feature in known:
        is_left = (
            row[feature] in tree.left_sets[node] if node in tree.left_sets else row[feature] <= tree.thresholds[node]
        )
        return both[0 if is_left else 1]
    covers = tree.covers[first : first + 2]
    return float(np.average(both, weights=covers))


def shapley(tree: Tree, row: np.ndarray) -> np.ndarray:
    """By the definition (Shapley 1953)."""
    found = np.zeros(FEATURES)
    for feature in range(FEATURES):
        others = [other for other in range(FEATURES) if other != feature]
        for size in range(FEATURES):
            weight = factorial(size) * factorial(FEATURES - size - 1) / factorial(FEATURES)
            for known in combinations(others, size):
                found[feature] += weight * (expected(tree, row, (*known, feature)) - expected(tree, row, known))
    return found
