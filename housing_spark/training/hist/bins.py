"""Bins: each feature coded to at most 256 whole numbers, and back to what Spark splits on.

The code of a number is how many cut points are not above it. A category is first replaced by its rank in order of
mean price, so that one cut divides the cheaper categories from the dearer ones (Fisher 1958, as in CART).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Codes = NDArray[np.uint8]
MAX_BINS = 256
_SHRINKAGE_ROWS = 10.0


@dataclass(frozen=True)
class Bins:
    """How features are coded.

    Attributes:
        cuts: Per feature, its cut points, ascending.
        ranks: Per categorical feature, the rank of each category.
    """

    cuts: tuple[Values, ...]
    ranks: Mapping[int, Values]

    def codes(self, values: Values) -> Codes:
        """The codes of feature values, both of shape (rows, features)."""
        coded = np.empty(values.shape, np.uint8)
        for feature, cuts in enumerate(self.cuts):
            column = values[:, feature]
            if feature in self.ranks:
                column = self.ranks[feature][column.astype(np.intp)]
            coded[:, feature] = np.searchsorted(cuts, column, side="right")
        return coded

    def without(self, places: Sequence[int]) -> "Bins":
        """The same, but of these features every code is 0: no tree splits on them."""
        cuts = tuple(np.empty(0) if place in places else one for place, one in enumerate(self.cuts))
        return replace(self, cuts=cuts)

    def goes_left(self, feature: int, code: int) -> tuple[list[float], int]:
        """What Spark sends left where codes below ``code`` go left.

        Returns:
            The threshold and -1; for a categorical feature, the categories and how many there are.
        """
        cut = self.cuts[feature][code - 1]
        if feature not in self.ranks:
            return [float(np.nextafter(cut, -np.inf))], -1
        ranks = self.ranks[feature]
        return [float(category) for category in np.flatnonzero(ranks < cut)], len(ranks)


def learn_bins(values: Values, labels: Values, categories: Mapping[int, int]) -> Bins:
    """The bins of a sample.

    Args:
        values: Feature values, shape (rows, features).
        labels: Prices, shape (rows,).
        categories: Number of categories of each categorical feature.
    """
    ranks = {feature: _ranks(values[:, feature], labels, count) for feature, count in categories.items()}
    columns = (ranks[i] if i in ranks else values[:, i] for i in range(values.shape[1]))
    return Bins(tuple(_cuts(column) for column in columns), ranks)


def _ranks(categories: Values, labels: Values, count: int) -> Values:
    """Ranks by mean price, drawn to the overall mean where a category has few rows; ties keep their order."""
    places = categories.astype(np.intp)
    rows = np.bincount(places, minlength=count)
    sums = np.bincount(places, weights=labels - labels.mean(), minlength=count)
    ranks = np.empty(count)
    ranks[np.argsort(sums / (rows + _SHRINKAGE_ROWS), kind="stable")] = np.arange(count)
    return ranks


def _cuts(values: Values) -> Values:
    """Points half way between neighbouring values: between all of them, or at equal shares of the rows."""
    distinct, counts = np.unique(values, return_counts=True)
    below = np.arange(len(distinct) - 1)
    if len(distinct) > MAX_BINS:
        shares = np.arange(1, MAX_BINS) * (len(values) / MAX_BINS)
        ends = np.unique(np.searchsorted(np.cumsum(counts), shares))
        below = ends[ends < len(distinct) - 1]
    low, high = distinct[below], distinct[below + 1]
    middle = low + (high - low) / 2
    return np.where(middle > low, middle, high)
