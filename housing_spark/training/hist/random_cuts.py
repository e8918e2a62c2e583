"""Trees on random cut points: each tree sees of every feature a few of its cuts, drawn anew.

Extremely randomized trees draw a cut for every node (Geurts, Ernst and Wehenkel, Machine Learning 63, 2006). Here the
cuts of a tree are drawn before it grows, so that it grows from histograms as any other; what one tree misses, another
sees, and their sum is smoother than trees that all prefer the same cuts.
"""

import numpy as np
from numpy.typing import NDArray

from housing_spark.boosting import xgb
from housing_spark.training.hist.bins import MAX_BINS, Codes
from housing_spark.training.hist.boost import training_matrix

_DRAWS = 16
_FEWEST_DRAWS = 4
_MOST_BYTES = 1 << 28  # of all draws of all rows, wherever they are; the fewest draws there are may take more


class RandomCuts:
    """Coded rows as so many draws of cut points show them; trees take the draws in turn.

    A row's code becomes the largest of those that no cut parts from it, so that every threshold of a tree is a cut of
    the codes as they are. Draws do not depend on where rows are, and their number only on how many there are in all.

    Args:
        codes: Of this worker's rows, shape (rows, features).
        target: Standardized prices, shape (rows,).
        weights: With mean 1, shape (rows,).
        cuts: Of a feature that has more, in a draw.
        seed: Of the draws.
    """

    def __init__(
        self, codes: Codes, target: NDArray[np.float32], weights: NDArray[np.float32], cuts: int, seed: int
    ) -> None:
        self._rows, self._cuts, self._seed = (codes, target, weights), cuts, seed
        largest = codes.max(axis=0, initial=0).astype(np.int64)
        self._largest = xgb.collective.allreduce(largest, xgb.collective.Op.MAX)
        [size] = xgb.collective.allreduce(np.array([codes.size], np.int64), xgb.collective.Op.SUM)
        self._count = int(np.clip(_MOST_BYTES // max(size, 1), _FEWEST_DRAWS, _DRAWS))
        self._matrices: dict[int, xgb.QuantileDMatrix] = {}

    def matrix(self, tree: int) -> xgb.QuantileDMatrix:
        """The rows as the tree of that number sees them."""
        draw = tree % self._count
        if draw not in self._matrices:
            codes, target, weights = self._rows
            shown = self._shown(draw)
            seen = np.column_stack([shown[feature][column] for feature, column in enumerate(codes.T)])
            self._matrices[draw] = training_matrix(seen, target, weights)
        return self._matrices[draw]

    def _shown(self, draw: int) -> Codes:
        """What each code becomes, shape (features, codes)."""
        random = np.random.default_rng((self._seed, draw))
        shown = np.tile(np.arange(MAX_BINS, dtype=np.uint8), (len(self._largest), 1))
        for feature, largest in enumerate(self._largest):
            order = random.permutation(MAX_BINS - 1)  # as many numbers for every feature, whatever its codes
            if largest > self._cuts:
                ends = np.append(np.sort(order[order < largest][: self._cuts]), largest)  # the codes below the cuts
                places = np.searchsorted(ends, np.arange(MAX_BINS)).clip(max=len(ends) - 1)
                shown[feature] = ends[places]
        return shown
