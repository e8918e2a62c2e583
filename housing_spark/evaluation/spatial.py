"""Whether errors of neighbours go together: what a model leaves unsaid about places.

Moran's I of the errors in logarithm (Moran, Notes on Continuous Stochastic Phenomena, Biometrika 37, 1950) with eight
nearest homes as neighbours, each counting an eighth (Anselin, Spatial Econometrics, 1988). 0: the place tells nothing
more; 1: neighbours' errors are alike. Its chance is told by permutations of the errors over the homes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy.spatial import cKDTree  # type: ignore[import-untyped]  # SciPy has no types

from housing_spark.hashing import first_by_hash

Floats = NDArray[np.float64]
SAMPLE = 2_000
_NEIGHBOURS, _PERMUTATIONS, _SEED = 8, 499, 7
_TOLERANCE = 1e-9  # of the spread of places: homes at one place are told apart by their row


@dataclass(frozen=True)
class Autocorrelation:
    """Moran's I.

    Attributes:
        value: I; about 0 where errors know no place.
        chance: Share of permutations that have as much or more, the measured one included.
        rows: Homes that it was measured on.
    """

    value: float
    chance: float
    rows: int


def error_autocorrelation(
    rows: DataFrame, place: Sequence[str], prices: Sequence[str], *, is_degrees: bool
) -> dict[str, Autocorrelation]:
    """Moran's I of the errors of each of these prices; of 2,000 rows, those whose key has the smallest hash.

    Args:
        rows: Rows with ``row_key``, ``label``, the prices, and the place.
        place: The two columns of the place, north first where they are degrees.
        prices: Columns of prices; rows without a logarithm of one's error, or without a place, are left out.
        is_degrees: Whether the place is latitude and longitude.

    Returns:
        By the price's column; without those that fewer than 30 rows have, or whose errors are all the same.
    """
    errors = [F.ln(F.col(price) / F.nullif(F.col("label"), F.lit(0.0))).alias(f"error_{price}") for price in prices]
    known = rows.where(F.col(place[0]).isNotNull() & F.col(place[1]).isNotNull()).where(F.col("label") > 0)
    few = first_by_hash(known, SAMPLE, salt="moran")
    frame = few.select(*(F.col(name).cast("double") for name in place), *errors).toPandas()  # 2,000 rows
    at = _plane(frame[list(place)].to_numpy(np.float64), is_degrees=is_degrees)
    found = {}
    for price in prices:
        error = frame[f"error_{price}"].to_numpy(np.float64)
        is_known = np.isfinite(error)
        if is_known.sum() >= _NEIGHBOURS + 22 and np.ptp(error[is_known]) > 0:
            found[price] = morans_i(at[is_known], error[is_known])
    return found


def morans_i(at: Floats, error: Floats) -> Autocorrelation:
    """Moran's I of errors, shape (n,), at places, shape (n, 2)."""
    nearest, centred = nearest_places(at), error - error.mean()
    draw = np.random.default_rng(_SEED)
    orders = np.stack([np.arange(len(error)), *(draw.permutation(len(error)) for _ in range(_PERMUTATIONS))])
    values = [_moran(centred[order], nearest) for order in orders]
    as_much = np.sum(np.array(values) >= values[0])  # the measured one included
    return Autocorrelation(float(values[0]), float(as_much / len(values)), len(error))


def nearest_places(at: Floats) -> NDArray[np.int64]:
    """The eight nearest other rows of each row; of those at one place, any that are not itself."""
    spread = max(float(np.ptp(at)), 1.0)
    apart = np.random.default_rng(_SEED).uniform(-spread, spread, at.shape) * _TOLERANCE
    _, found = cKDTree(at + apart).query(at + apart, _NEIGHBOURS + 1)
    is_other = found != np.arange(len(at))[:, None]
    is_other[is_other.all(axis=1), -1] = False  # itself is not among them: the farthest goes
    nearest: NDArray[np.int64] = found[is_other].reshape(len(at), _NEIGHBOURS)
    return nearest


def _moran(centred: Floats, nearest: NDArray[np.int64]) -> float:
    return float((centred * centred[nearest].mean(axis=1)).sum() / (centred * centred).sum())


def _plane(place: Floats, *, is_degrees: bool) -> Floats:
    """Places on a plane, east shrunk by the cosine of the latitude."""
    if not is_degrees or not len(place):
        return place
    return np.column_stack((place[:, 0], place[:, 1] * np.cos(np.radians(place[:, 0].mean()))))
