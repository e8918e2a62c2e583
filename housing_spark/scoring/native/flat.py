"""A Spark ensemble as flat arrays that a compiled walk reads, and its predictions without Spark.

Numbers are compared and leaves are added in double precision, as Spark does.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from housing_spark.scoring.native.ensemble import Ensemble, Numbers
from housing_spark.scoring.native.walk import Places, walk


@dataclass(frozen=True)
class NativeEnsemble:
    """What is needed to predict without Spark.

    Attributes:
        roots: Place of each tree's first node, shape (trees,).
        depths: Steps from there to the lowest leaf, shape (trees,).
        features: Feature that a node splits on, shape (nodes,).
        left: Place of the left child, the right one comes next; a leaf is its own. Shape (nodes,).
        sets: First place of a node in ``is_left``, and the number of those; shape (nodes + 1,).
        thresholds: Numbers at or below it go left; infinite in a leaf, not a number at a category. Shape (nodes,).
        values: What a leaf adds to the prediction, shape (nodes,).
        is_left: Of each split on a category: whether each category goes left, and whether one unknown to it does.
    """

    roots: Places
    depths: Places
    features: Places
    left: Places
    sets: Places
    thresholds: Numbers
    values: Numbers
    is_left: NDArray[np.bool_]

    @classmethod
    def of(cls, ensemble: Ensemble) -> "NativeEnsemble":
        """The same trees; predictions are Spark's but for the order in which double numbers are added."""
        starts = ensemble.starts[:-1]
        offsets = np.repeat(starts, np.diff(ensemble.starts))
        places, is_leaf = np.arange(len(offsets)), ensemble.left < 0
        chosen = [_chosen(ensemble, int(node)) for node in sorted(ensemble.left_sets)]
        sizes = np.zeros(len(places) + 1, np.int64)
        sizes[[node + 1 for node in sorted(ensemble.left_sets)]] = [len(one) for one in chosen]
        roots, depths, features, left, sets = (
            part.astype(np.uint32)
            for part in (starts, _depths(ensemble), np.maximum(ensemble.features, 0),
                         np.where(is_leaf, places, offsets + ensemble.left), np.cumsum(sizes))
        )  # fmt: skip
        thresholds = np.where(is_leaf, np.inf, ensemble.thresholds)
        is_left = np.concatenate([*chosen, np.empty(0, np.bool_)])
        return cls(roots, depths, features, left, sets, thresholds, ensemble.values, is_left)

    def to_bytes(self) -> bytes:
        """One file; ``from_bytes`` reads it."""
        file = io.BytesIO()
        np.savez_compressed(file, **{field.name: getattr(self, field.name) for field in fields(self)})
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "NativeEnsemble":
        """What ``to_bytes`` wrote."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return cls(*(arrays[field.name] for field in fields(cls)))

    def predict(self, columns: Sequence[Numbers]) -> Numbers:
        """Predictions, shape (rows,), of the values of each feature, shape (rows,) too; on one thread."""
        trees = (self.roots, self.depths, self.features, self.left, self.sets)
        values = np.stack(columns, dtype=np.float64)
        values[np.isnan(values)] = np.inf  # at most no threshold, as Spark has it; a leaf's it is
        found: Numbers = walk(values, trees, self.thresholds, self.values, self.is_left)
        return found


def _chosen(ensemble: Ensemble, node: int) -> NDArray[np.bool_]:
    """Whether each category goes left at a node, and one that it does not know: where Spark sends the most of them."""
    count, chosen = ensemble.categories[int(ensemble.features[node])], ensemble.left_sets[node]
    is_left = np.full(count + 1, len(chosen) > count // 2)
    is_left[:count] = np.isin(np.arange(count), chosen)
    return is_left


def _depths(ensemble: Ensemble) -> NDArray[np.int64]:
    """Levels of each tree below its root; siblings lie side by side, level by level."""
    found = []
    for tree in ensemble.trees():
        left, depth, first, end = ensemble.left[tree], 0, 0, 1
        while inner := int((left[first:end] >= 0).sum()):
            depth, first, end = depth + 1, end, end + 2 * inner
        found.append(depth)
    return np.array(found)
