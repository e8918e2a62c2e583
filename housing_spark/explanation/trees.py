"""A tree as arrays: who is whose child, what each way down asks, and how many training rows took it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Tree:
    """The nodes of one tree, level by level, siblings side by side; arrays of shape (nodes,), the root first.

    Attributes:
        left: Left child, the right one comes next; -1 in a leaf.
        features: Feature that a node splits on.
        thresholds: Numbers at or below it go left.
        values: What a leaf adds to the prediction.
        covers: Training rows that came by, by weight.
        left_sets: Of nodes that split on a category, the categories that go left.
    """

    left: Places
    features: Places
    thresholds: Numbers
    values: Numbers
    covers: Numbers
    left_sets: Mapping[int, Places] = field(default_factory=dict)

    @property
    def levels(self) -> list[slice]:
        """The nodes of each level below the root."""
        found, first, end = [], 0, 1
        while (inner := self.left[first:end])[inner >= 0].size:
            first, end = end, end + 2 * int((inner >= 0).sum())
            found.append(slice(first, end))
        return found

    @property
    def parents(self) -> Places:
        """The parent of each node; the root is its own."""
        parents = np.zeros(len(self.left), np.intp)
        inner = np.flatnonzero(self.left >= 0)
        parents[self.left[inner]] = parents[self.left[inner] + 1] = inner
        return parents

    def shares(self, parents: Places) -> Numbers:
        """The share of its parent's training rows that came by each node; 1 at the root.

        Raises:
            ValueError: A node that no training row came by has no share.
        """
        if len(parents) > 1 and not (self.covers > 0).all():
            raise ValueError(f"node {int(np.argmin(self.covers))} of a tree has no training rows, expected some")
        both = np.bincount(parents[1:], weights=self.covers[1:], minlength=len(parents))
        return np.concatenate([[1.0], self.covers[1:] / both[parents[1:]]])

    def goes_left(self, columns: Numbers) -> Truths:
        """Whether rows would go left at each node.

        Args:
            columns: Feature values, shape (features, rows).

        Returns:
            Shape (nodes, rows); it says nothing about leaves.
        """
        asked = columns[np.maximum(self.features, 0)]
        found: Truths = asked <= self.thresholds[:, None]
        for node, categories in self.left_sets.items():
            found[node] = np.isin(asked[node], categories)
        return found
