"""A share of the rows for each tree (stochastic gradient boosting: Friedman, Computational Statistics 38, 2002).

Whether a tree is fitted on a row depends on what the row is and on the tree's number, so that the trees are the same on
any layout and any number of workers. XGBoost's own samples are of places in a worker's memory.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_spark.training.hist.bins import Codes
from housing_spark.training.trials import Parameters

_Keys = NDArray[np.uint64]
_PRIME, _FIRST, _SECOND = (np.uint64(one) for one in (0x100000001B3, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_GOLDEN = 0x9E3779B97F4A7C15
_BITS = 64


class RowSample:
    """Which rows each tree of a fit is fitted on.

    Args:
        codes: Shape (rows, features).
        target: Standardized prices, shape (rows,).
        share: Of the rows, for a tree.
        seed: Of the sample.
    """

    def __init__(self, codes: Codes, target: NDArray[np.float32], share: float, seed: int) -> None:
        """Name the rows by what they are."""
        self._keys: _Keys = target.view(np.uint32).astype(np.uint64)
        for column in codes.T:
            self._keys ^= column
            self._keys *= _PRIME
        self._bound, self._seed = np.uint64(int(share * (2**_BITS - 1))), seed

    def of(self, tree: int) -> NDArray[np.bool_]:
        """The rows of a tree, shape (rows,)."""
        return _mixed(self._keys ^ np.uint64((tree + 1 + (self._seed << 32)) * _GOLDEN % 2**_BITS)) < self._bound


def row_sample(
    codes: Codes, target: NDArray[np.float32], parameters: Parameters, options: dict[str, Any]
) -> RowSample | None:
    """What a trial's ``row_share`` asks for; ``None``: every tree is fitted on all rows."""
    share = float(parameters.get("row_share", 1.0))
    return RowSample(codes, target, share, options["seed"]) if share < 1 else None


def _mixed(keys: _Keys) -> _Keys:
    """Keys whose every bit depends on every bit (the finalizer of SplitMix64, Steele, Lea and Flood, OOPSLA 2014)."""
    mixed = (keys ^ (keys >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))
