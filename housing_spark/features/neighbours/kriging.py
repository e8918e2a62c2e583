"""Ordinary kriging: the best linear guess of a price from the nearest sales (Matheron 1963, Economic Geology 58).

A weighted mean whose weights know how far the sales are from the home and from each other: five sales of one street
count less than five from all around.
"""

import numpy as np

from housing_spark.features.neighbours.nearest import Nearest, Numbers, Places

# Prices go together as exp(-distance / range); what two sales at one place differ by, to what distant ones do.
_RANGE, _NUGGET = 2.0, 0.07
_CELLS = 1 << 17  # of arrays of pairs of neighbours, rows x pairs: a processor's cache holds two


def kriged(nearest: Nearest, positions: Numbers, prices: Numbers) -> Numbers:
    """The kriged price of each row, shape (rows,); NaN where it has no neighbour.

    Args:
        nearest: Neighbours of the rows.
        positions: Of reference rows, in the space whose distances ``nearest`` has, shape (reference rows, dimensions).
        prices: Of reference rows, shape (reference rows,).
    """
    count = nearest.places.shape[1]
    size = max(1, _CELLS // count**2)
    parts = (slice(first, first + size) for first in range(0, len(nearest.places), size))
    found = [_kriged(Nearest(nearest.distances[part], nearest.places[part]), positions, prices) for part in parts]
    return np.concatenate(found) if found else np.empty(0)


def kriged_at(asking: Numbers, places: Places, positions: Numbers, prices: Numbers) -> Numbers:
    """The same from reference rows that were found in another space, whose distances here are not known yet.

    Args:
        asking: Where the rows are, shape (rows, dimensions).
        places: Of their neighbours, -1 where there is none, shape (rows, count).
        positions: Of reference rows, in the space that kriging is done in.
        prices: Of reference rows.
    """
    squares = np.zeros(places.shape)
    for own, axis in zip(asking.T, positions.T, strict=True):
        squares += (own[:, None] - axis[places]) ** 2
    return kriged(Nearest(np.where(places < 0, np.inf, np.sqrt(squares)), places), positions, prices)


def _kriged(nearest: Nearest, positions: Numbers, prices: Numbers) -> Numbers:
    """Solves K [u v] = [1 k], of which the weights are v + u (1 - sum v) / sum u; a missing neighbour gets none."""
    is_real = nearest.places >= 0
    alike = np.zeros((*is_real.shape, is_real.shape[1]))
    for (
        axis
    ) in positions.T:  # number by number, which gives the same bits whatever lies beside it, as a product would not
        along = axis[nearest.places]
        apart = along[:, :, None] - along[:, None, :]
        apart *= apart
        alike += apart
    np.sqrt(alike, out=alike)
    alike /= -_RANGE
    np.exp(alike, out=alike)
    if not is_real.all():
        alike *= is_real[:, :, None] & is_real[:, None, :]
    own = np.arange(is_real.shape[1])
    alike[:, own, own] = 1.0 + _NUGGET
    to_row = np.where(is_real, np.exp(-nearest.distances / _RANGE), 0.0)
    solved = np.linalg.solve(alike, np.stack([is_real.astype(float), to_row], axis=-1))
    ones, simple = solved[..., 0], solved[..., 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = simple + ones * ((1 - simple.sum(axis=1)) / ones.sum(axis=1))[:, None]
    weighted: Numbers = np.where(is_real, weights * prices[nearest.places], 0.0).sum(axis=1)
    return np.where(is_real.any(axis=1), weighted, np.nan)
