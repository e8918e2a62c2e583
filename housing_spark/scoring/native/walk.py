"""The walk down every tree, compiled for the processor that it runs on.

All rows take a step before any takes the next one: no step of a row waits for its last one, which is twice as fast as
one row after another. Places are unsigned: a signed one could count from the end, and asking costs half the speed.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.uint32]
Truths = NDArray[np.bool_]

_ONE = np.uint32(1)


def _compiled(function: Any) -> Any:
    """The function in machine code, kept beside the package: each process of Python compiles for seconds otherwise."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder to keep it in can be written
        return numba.njit(nogil=True)(function)


@_compiled
def walk(columns: Numbers, trees: tuple[Places, ...], thresholds: Numbers, values: Numbers, is_left: Truths) -> Numbers:
    """The sum of the leaves that each row comes to, in the order of the trees.

    A leaf is its own left child, and every number is at most its threshold. A threshold that is not a number marks a
    split on a category.

    Args:
        columns: Values, none missing, shape (features, rows).
        trees: The root and the depth of each tree, shape (trees,); the feature, the left child and the first of its
            ``is_left`` of each node, shape (nodes,). A right child comes after the left one.
        thresholds: Of each node; numbers at or below it go left, all others right.
        values: What each leaf adds.
        is_left: Of each split on a category: whether each category goes left; at last whether anything else does.

    Returns:
        Shape (rows,).
    """
    roots, depths = trees[0], trees[1]
    found, places = np.zeros(columns.shape[1]), np.empty(columns.shape[1], np.uint32)
    for tree in range(len(roots)):
        places[:] = roots[tree]
        for _ in range(depths[tree]):
            if len(is_left):
                _step_by_any(places, columns, trees, thresholds, is_left)
            else:
                _step(places, columns, trees, thresholds)
        for row in range(len(places)):
            found[row] += values[places[row]]
    return found


@_compiled
def _step(places: Places, columns: Numbers, trees: tuple[Places, ...], thresholds: Numbers) -> None:
    """Move each row a level down where every split is on a number; to ask what it is on costs a third more."""
    features, left = trees[2], trees[3]
    for row in range(len(places)):
        place = places[row]
        places[row] = left[place] + np.uint32(columns[features[place], row] > thresholds[place])


@_compiled
def _step_by_any(
    places: Places, columns: Numbers, trees: tuple[Places, ...], thresholds: Numbers, is_left: Truths
) -> None:
    """Move each row a level down, by a number or by a category."""
    features, left, sets = trees[2], trees[3], trees[4]
    for row in range(len(places)):
        place = places[row]
        value, threshold = columns[features[place], row], thresholds[place]
        goes_right = value > threshold
        if np.isnan(threshold):
            other = sets[place + _ONE] - _ONE
            goes_right = not is_left[sets[place] + np.uint32(value) if 0 <= value < other - sets[place] else other]
        places[row] = left[place] + np.uint32(goes_right)
