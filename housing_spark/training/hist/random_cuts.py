"""Trees on random cut points: each tree sees of every feature a few of its cuts, drawn anew.

Extremely randomized trees draw a cut for every node (Geurts, Ernst and Wehenkel, Machine Learning 63, 2006). Here the
cuts of a tree are drawn before it grows, so that it grows from histograms as any other; what one tree misses, another
sees, and their sum is smoother than trees that all prefer the same cuts.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_spark.boosting import xgb
from housing_spark.training.hist.bins import MAX_BINS, Codes
from housing_spark.training.hist.boost import largest_codes, training_matrix

_DRAWS = 16
_FEWEST_DRAWS = 4
_MOST_BYTES = 1 << 28  # of all draws of all rows, wherever they are; the fewest draws there are may take more


class RandomCuts:
    """Coded rows as so many draws of cut points show them; trees take the draws in turn.

    A row's code becomes the lowest of those that no cut parts from it, so that every threshold of a tree is a cut of
    the codes as they are. Draws do not depend on where rows are, and their number only on how many there are in all.

    Args:
        codes: Of this worker's rows, shape (rows, features).
        target: Standardized prices, shape (rows,).
        weights: With mean 1, shape (rows,).
        cuts: Of a feature that has more, in a draw.
        options: XGBoost's own: the seed of the draws, threads.
    """

    def __init__(
        self,
        codes: Codes,
        target: NDArray[np.float32],
        weights: NDArray[np.float32],
        cuts: int,
        options: Mapping[str, Any],
    ) -> None:
        self._rows, self._cuts = (codes, target, weights), cuts
        self._seed, self._threads = options["seed"], options["nthread"]
        self._largest = largest_codes(codes)
        [size] = xgb.collective.allreduce(np.array([codes.size], np.int64), xgb.collective.Op.SUM)
        self._count = int(np.clip(_MOST_BYTES // max(size, 1), _FEWEST_DRAWS, _DRAWS))
        self._matrices: dict[int, xgb.QuantileDMatrix] = {}

    def matrix(self, tree: int) -> xgb.QuantileDMatrix:
        """The rows as the tree of that number sees them."""
        draw = tree % self._count
        if draw not in self._matrices:
            codes, target, weights = self._rows
            starts = self._starts(draw)
            seen = np.column_stack([_lowest(one)[column] for one, column in zip(starts, codes.T, strict=True)])
            self._matrices[draw] = training_matrix(seen, target, weights, starts, self._threads)
        return self._matrices[draw]

    def _starts(self, draw: int) -> list[Codes]:
        """Of each feature, the lowest codes between the cuts."""
        random = np.random.default_rng((self._seed, draw))
        found = []
        for largest in self._largest:
            order = random.permutation(MAX_BINS - 1)  # as many numbers for every feature, whatever its codes
            below = order[order < largest][: self._cuts] if largest > self._cuts else np.arange(largest)
            found.append(np.append(0, np.sort(below) + 1).astype(np.uint8))
        return found


def _lowest(starts: Codes) -> Codes:
    """What each code becomes, shape (codes,)."""
    places = np.searchsorted(starts, np.arange(MAX_BINS), side="right") - 1
    lowest: Codes = starts[places]
    return lowest
