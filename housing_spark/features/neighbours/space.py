"""Where rows are: places on the earth or on a flat grid, and spaces that mix them with what else makes homes alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from housing_spark.earth import EARTH_KM
from housing_spark.features.neighbours.nearest import Numbers, Whole

DEGREES = (90.0, 360.0)  # the largest latitude and longitude
_QUANTILES = 256
# Of the diagonal of all places: far below what a coordinate says, far above the rounding of a double.
NUDGE = 1e-9
_GOLDEN, _MIX_1, _MIX_2 = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True)
class Space:
    """A space whose straight distances say how near two homes are.

    Attributes:
        is_flat: Whether coordinates are a flat grid in any one unit, rather than degrees.
        unit: The distance on the ground (km, or the grid's unit) that counts as much as the whole range of a feature.
        grids: For each feature that counts beside the place, its quantiles in training rows, ascending.
        extent: The diagonal of the box around them, of many a sample; 0: not known.
    """

    is_flat: bool
    unit: float
    grids: tuple[tuple[float, ...], ...]
    extent: float = 0.0

    def around(self, coordinates: Numbers, features: Numbers) -> "Space":
        """The same space with the extent of these rows, all of them placed."""
        box = np.ptp(self.positions(coordinates, features), axis=0)
        return replace(self, extent=float(np.linalg.norm(box)))

    def positions(self, coordinates: Numbers, features: Numbers) -> Numbers:
        """Positions, shape (rows, dimensions); NaN where a coordinate is missing or impossible.

        Degrees become points in the earth's own three dimensions, where straight lines order as great circles do; a
        feature becomes its place among the quantiles of training rows, 0 to 1, and where it is missing the middle.

        Args:
            coordinates: Latitude and longitude or x and y, shape (rows, 2).
            features: Shape (rows, features).
        """
        ground = coordinates if self.is_flat else _on_earth(coordinates)
        ranks = [ranked(features[:, place], grid) for place, grid in enumerate(self.grids)]
        positions = np.column_stack([ground / self.unit, *ranks])
        return np.where(np.isfinite(positions).all(axis=1, keepdims=True), positions, np.nan)

    def along_the_ground(self, distances: Numbers) -> Numbers:
        """Straight distances between places as kilometres on the earth's surface, or in the grid's unit."""
        if self.is_flat:
            return distances
        return 2 * EARTH_KM * np.arcsin(np.minimum(distances / (2 * EARTH_KM), 1.0))


def spread(coordinates: Numbers, *, is_flat: bool) -> float:
    """How far places lie from their middle, root mean square: kilometres, or the grid's unit.

    Args:
        coordinates: Of reference rows, shape (rows, 2).
        is_flat: Whether they are a flat grid rather than degrees.
    """
    ground = Space(is_flat, 1.0, ()).positions(coordinates, np.empty((len(coordinates), 0)))
    return float(np.sqrt(np.mean(np.sum((ground - ground.mean(axis=0)) ** 2, axis=1)))) or 1.0


def quantiles(values: Numbers) -> tuple[float, ...]:
    """The grid of a feature, from its values in training rows."""
    known = values[np.isfinite(values)]
    if not len(known):
        return (0.0,)
    return tuple(np.unique(np.quantile(known, np.linspace(0, 1, _QUANTILES + 1))).tolist())


def ranked(values: Numbers, grid: Sequence[float]) -> Numbers:
    """Where values lie between the ends of a grid, 0 to 1; in the middle where they are missing.

    Args:
        values: Shape (rows,).
        grid: From ``quantiles``.
    """
    ranks = np.interp(values, grid, np.linspace(0, 1, len(grid)))
    return np.where(np.isfinite(values), ranks, 0.5)


def nudged(positions: Numbers, hashes: Whole, kind: int, extent: float) -> Numbers:
    """Positions moved by a hair, each by its own hash, so that no two are equally near and no order breaks a tie.

    Args:
        positions: Of reference rows, shape (rows, dimensions).
        hashes: Of the rows' keys, shape (rows,).
        kind: Another number moves them in another way.
        extent: Of the space; no row is moved by more than half a ``NUDGE`` of it.
    """
    axes = range(positions.shape[1])
    moves = np.column_stack([_uniform(hashes, kind * 64 + axis) for axis in axes]) - 0.5
    moved: Numbers = positions + NUDGE * (extent or 1.0) / np.sqrt(len(axes)) * moves
    return moved


def _on_earth(degrees: Numbers) -> Numbers:
    latitude, longitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    is_possible = (np.abs(degrees[:, 0]) <= DEGREES[0]) & (np.abs(degrees[:, 1]) <= DEGREES[1])
    with np.errstate(invalid="ignore"):
        flat = np.cos(latitude)
        points = EARTH_KM * np.column_stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)])
    return np.where(is_possible[:, None], points, np.nan)


def _uniform(hashes: Whole, kind: int) -> Numbers:
    """Numbers in [0, 1) that depend on a hash and a kind alone (SplitMix64's finish: Steele et al., OOPSLA 2014)."""
    with np.errstate(over="ignore"):
        bits = hashes.astype(np.uint64) + _GOLDEN * np.uint64(kind + 1)
        bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
        bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
        bits ^= bits >> np.uint64(31)
    return (bits >> np.uint64(11)).astype(np.float64) / 2.0**53
