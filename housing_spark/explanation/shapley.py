"""Exact Shapley values of a tree ensemble, for many rows at once (path-dependent TreeSHAP, Lundberg et al. 2020).

A leaf is a game: its value, times 1 or 0 for each feature on its path that is known (the row takes the path, or not),
times the share of training rows that took it for each feature that is not. The weights that Shapley gives to the
subsets of d features are an integral of products over [0, 1], a polynomial of degree d - 1, which d / 2 points of Gauss
and Legendre give exactly. At each point, products go down the tree once and sums come up once: work and memory grow
with the nodes and with half the depth, not with the subsets.
"""

from collections.abc import Sequence

import numpy as np

from housing_spark.explanation.trees import Numbers, Places, Tree, Truths

_CHUNK = 256  # rows at a time: what lies between going down and coming up then nearly fits in a core's own cache


class TreeGame:
    """A tree made ready: what a step down multiplies by, and what it gives to its feature.

    A step matters by two truths: whether the row takes it, and whether it took the step on the same feature before.
    """

    def __init__(self, tree: Tree) -> None:
        """Follow every path once.

        Args:
            tree: With training rows at every node.
        """
        self._tree, self._parents, self._levels = tree, tree.parents, tree.levels
        shares = tree.shares(self._parents)
        self._asked = tree.features[self._parents]
        self._before = self._steps_before()
        unknown, reached = np.ones(len(shares)), np.ones(len(shares))
        for level in self._levels:
            unknown[level] = shares[level] * unknown[self._before[level]]
            reached[level] = shares[level] * reached[self._parents[level]]
        self.base = float(tree.values[tree.left < 0] @ reached[tree.left < 0])
        self._factors, self._gifts = _tables(unknown, self._before, max(1, (len(self._levels) + 1) // 2))
        self._factors[tree.left < 0] *= tree.values[tree.left < 0, None, None]
        above = [slice(0, 1), *self._levels]
        self._inner = [np.flatnonzero(tree.left[level] >= 0) + level.start for level in above]
        order = np.argsort(self._asked[1:], kind="stable")
        self._by_feature = order + 1
        self._of, self._starts = np.unique(self._asked[1:][order], return_index=True)

    def _steps_before(self) -> Places:
        """For each step down, the nearest step above it on the same feature; the root where there is none."""
        found = self._parents.copy()
        for _ in self._levels:
            is_other = (found > 0) & (self._asked[found] != self._asked)
            found[is_other] = self._parents[found[is_other]]
        return found

    def add_to(self, found: Numbers, columns: Numbers) -> None:
        """Add what each feature contributes.

        Args:
            found: Shape (features, rows).
            columns: Feature values, shape (features, rows).
        """
        if not self._levels:
            return
        states = self._states(self._tree.goes_left(columns))
        sums = self._sums(states)
        given = np.einsum("inq,inq->in", _lines(self._gifts, states), sums)
        found[self._of] += np.add.reduceat(given[self._by_feature], self._starts, axis=0)

    def _states(self, goes_left: Truths) -> Places:
        """The line of the tables for each step and row, shape (nodes, rows)."""
        taken = goes_left[self._parents]
        right = self._tree.left[self._tree.left >= 0] + 1
        taken[right] = ~taken[right]
        taken[0] = True
        states = np.full(taken.shape, 2, np.intp)
        for level in self._levels:
            before = taken[self._before[level]]
            taken[level] &= before
            states[level] = before.astype(np.intp) + taken[level]
        states += 3 * np.arange(len(states))[:, None]
        return states

    def _sums(self, states: Places) -> Numbers:
        """The games of the leaves below each node, at each point; shape (nodes, rows, points)."""
        sums = _lines(self._factors, states)
        steps = list(zip(self._inner, self._levels, strict=False))
        for inner, below in steps:
            self._pairs(sums, below)[:] *= sums[inner][:, None]
        for inner, below in reversed(steps):
            pairs = self._pairs(sums, below)
            sums[inner] = pairs[:, 0] + pairs[:, 1]
        return sums

    @staticmethod
    def _pairs(sums: Numbers, level: slice) -> Numbers:
        """The nodes of a level by parent, shape (parents, 2, rows, points): siblings lie side by side."""
        return sums[level].reshape(-1, 2, *sums.shape[1:])


def _lines(table: Numbers, states: Places) -> Numbers:
    """Lines of a table of shape (nodes, states, points), shape (nodes, rows, points)."""
    # numpy's take, not Spark's: a fifth of the time that an index takes
    return np.take(table.reshape(-1, table.shape[-1]), states, axis=0)


def _tables(unknown: Numbers, before: Places, points: int) -> tuple[Numbers, Numbers]:
    """Factors and gifts of each step in three states, shape (nodes, 3, points).

    The states: the step before was not taken; it was and this one is not; both were.
    """
    places, weights = np.polynomial.legendre.leggauss(points)
    at, weights = (places + 1) / 2, weights / 2
    shares = unknown[:, None]
    taken, missed = at + (1 - at) * shares, (1 - at) * shares
    factors = np.stack([missed / missed[before], missed / taken[before], taken / taken[before]], axis=1)
    if_taken, if_missed = (1 - shares) / taken, np.broadcast_to(-1 / (1 - at), taken.shape)
    gifts = np.stack([np.zeros_like(taken), if_missed - if_taken[before], if_taken - if_taken[before]], axis=1)
    gifts *= weights
    factors[0] = 1.0
    gifts[0] = 0.0
    return factors, gifts


def tree_contributions(trees: Sequence[Tree], values: Numbers) -> tuple[float, Numbers]:
    """The mean prediction of training rows, and what each feature adds to it in each row.

    Args:
        trees: Their leaves add up to the prediction.
        values: Feature values, shape (rows, features).

    Returns:
        The base, and contributions of shape (rows, features).
    """
    columns = np.ascontiguousarray(values.T)
    found, base = np.zeros_like(columns), 0.0
    for tree in trees:
        game = TreeGame(tree)
        base += game.base
        for first in range(0, columns.shape[1], _CHUNK):
            rows = slice(first, first + _CHUNK)
            game.add_to(found[:, rows], columns[:, rows])
    return base, found.T
