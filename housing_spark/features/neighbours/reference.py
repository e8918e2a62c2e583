"""Reference rows ready to be searched in any space, and the rows that ask them. Needs no Spark."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from housing_spark.features.neighbours.facts import IDENTITIES, KEY, PRICE, TIME
from housing_spark.features.neighbours.nearest import Nearest, NearestIndex, Numbers, Places, Points, Whole
from housing_spark.features.neighbours.space import NUDGE, Space, nudged


@dataclass(frozen=True)
class Rows:
    """Rows to be described; a row that shares an identity with a reference row does not see it.

    Attributes:
        coordinates: Shape (rows, 2).
        features: Shape (rows, features).
        identities: Shape (rows, 2): hashes of the group and of the content.
        times: When a row is priced, microseconds, shape (rows,).
    """

    coordinates: Numbers
    features: Numbers
    identities: Whole
    times: Whole

    def of(self, chosen: NDArray[np.bool_] | Places) -> "Rows":
        """Some of the rows."""
        return Rows(self.coordinates[chosen], self.features[chosen], self.identities[chosen], self.times[chosen])


@dataclass(frozen=True)
class Reference:
    """Reference rows.

    Attributes:
        given: Columns ``_price, _key, _time, _group, _content`` and one for each coordinate and feature.
        location: The two coordinate columns.
        features: Their features, in the order in which rows that ask tell theirs.
        lag: Time between a sale and the first row that may know of it, microseconds; ``None``: time does not count.
        slack: As for ``NearestIndex``.
    """

    given: pa.Table
    location: Sequence[str]
    features: Sequence[str]
    lag: int | None
    slack: float = 0.0

    def column(self, name: str) -> Numbers:
        """One of the columns, shape (reference rows,)."""
        numbers: Numbers = self._table[name].to_numpy()
        return numbers

    @property
    def prices(self) -> Numbers:
        """Shape (reference rows,)."""
        return self.column(PRICE)

    def at(self, places: Places, names: Sequence[str]) -> Any:
        """Columns of some reference rows side by side, shape (rows, names)."""
        return np.column_stack([self._table[name].to_numpy()[places] for name in names])

    def positions(self, space: Space, alike: Sequence[str]) -> Numbers:
        """Where they are in a space of places and these features, shape (reference rows, dimensions)."""
        coordinates = np.column_stack([self.column(name) for name in self.location])
        features = [self.column(name) for name in alike] if space.grids else []
        return space.positions(coordinates, np.column_stack([np.empty((len(coordinates), 0)), *features]))

    def index(self, space: Space, alike: Sequence[str], kind: int) -> NearestIndex:
        """To search that space; another ``kind`` breaks ties in another way."""
        moved = nudged(self.positions(space, alike), self._whole(KEY), kind, space.extent)
        times = None if self.lag is None else self._whole(TIME)
        return NearestIndex(
            Points(moved, np.column_stack([self._whole(name) for name in IDENTITIES]), times), self.slack
        )

    def nearest(self, index: NearestIndex, space: Space, rows: Rows, alike: Sequence[str], count: int) -> Nearest:
        """The nearest ones that rows may see, by straight distance in the space of the index."""
        times = None if self.lag is None else rows.times - self.lag
        nearest = index.nearest(Points(self.positions_of(rows, space, alike), rows.identities, times), count)
        is_here = nearest.distances < 2 * NUDGE * space.extent
        return Nearest(np.where(is_here, 0.0, nearest.distances), nearest.places)

    def positions_of(self, rows: Rows, space: Space, alike: Sequence[str]) -> Numbers:
        """Where rows that ask are in a space, shape (rows, dimensions)."""
        places = [self.features.index(name) for name in alike] if space.grids else []
        return space.positions(rows.coordinates, rows.features[:, places])

    @cached_property
    def _table(self) -> pa.Table:
        """In the order of time, so that the trees of earlier rows need no copy."""
        times = self.given[TIME].to_numpy()
        is_ordered = self.lag is None or bool((times[1:] >= times[:-1]).all())
        return self.given if is_ordered else self.given.sort_by([(TIME, "ascending"), (KEY, "ascending")])

    def _whole(self, name: str) -> Whole:
        numbers: Whole = self._table[name].to_numpy()
        return numbers
