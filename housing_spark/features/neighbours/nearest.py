"""The nearest reference rows that a row may see: exact, whatever it must not see lies closest."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
_FEW = 1_024  # reference rows that are looked through one by one
_CELLS = 1 << 21  # of arrays of candidates, rows x candidates
_SPARE = 8


@dataclass(frozen=True)
class Points:
    """Where rows are, and what decides whether one may see another.

    Attributes:
        positions: Shape (rows, dimensions), finite.
        identities: Shape (rows, kinds): hashes of the group, of the content; rows that share one do not see each other.
        times: Shape (rows,): a row sees what happened before its own time; ``None``: time does not count.
    """

    positions: Numbers
    identities: Whole
    times: Whole | None

    def __len__(self) -> int:
        return len(self.positions)

    def take(self, places: NDArray[np.intp]) -> "Points":
        """Some of the rows."""
        times = None if self.times is None else self.times[places]
        return Points(self.positions[places], self.identities[places], times)


@dataclass(frozen=True)
class Nearest:
    """Reference rows by distance; where there are fewer than asked for, place -1 at distance infinity.

    Both arrays have the shape (rows, count).
    """

    distances: Numbers
    places: NDArray[np.intp]


@dataclass(frozen=True)
class NearestIndex:
    """Reference rows, ready to be asked; distances are Euclidean."""

    reference: Points

    def nearest(self, rows: Points, count: int) -> Nearest:
        """For each row its nearest reference rows that it may see.

        A tree gives the nearest of all; as many are asked for as the share that a row may see suggests, and twice as
        many again where that was not enough. Rows that may see few reference rows look at each of these.
        """
        found = Nearest(np.full((len(rows), count), np.inf), np.full((len(rows), count), -1, np.intp))
        seen = self._seen(rows)
        few = np.flatnonzero((seen > 0) & (seen <= _FEW))
        for part in _parts(few, _FEW):
            self._look_through(rows, part, found)
        asked = self._first_request(seen, count)
        while (waiting := np.flatnonzero(asked)).size:
            request = int(asked[waiting].min())
            for part in _parts(waiting[asked[waiting] == request], request):
                is_enough = self._ask(rows, part, request, found)
                asked[part] = np.where(is_enough, 0, min(2 * request, len(self.reference)))
        return found

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.reference.positions, balanced_tree=False, compact_nodes=False)

    @cached_property
    def _by_time(self) -> NDArray[np.intp]:
        times = self.reference.times
        return np.arange(len(self.reference)) if times is None else np.argsort(times, kind="stable")

    def _seen(self, rows: Points) -> NDArray[np.intp]:
        """How many reference rows happened before each row."""
        if rows.times is None or self.reference.times is None:
            return np.full(len(rows), len(self.reference), np.intp)
        return np.searchsorted(self.reference.times[self._by_time], rows.times, side="left")

    def _first_request(self, seen: NDArray[np.intp], count: int) -> NDArray[np.intp]:
        """Powers of two, so that few different numbers are asked for; 0 for rows that need no tree."""
        total = len(self.reference)
        expected = 1.25 * count * total / np.maximum(seen, 1) + _SPARE
        asked = 2 ** np.ceil(np.log2(expected)).astype(np.intp)
        return np.where(seen > _FEW, np.minimum(asked, total), 0)

    def _ask(self, rows: Points, part: NDArray[np.intp], request: int, found: Nearest) -> NDArray[np.bool_]:
        """Fill in the rows for which so many candidates are enough; which those are."""
        distances, places = self._tree.query(rows.positions[part], k=np.arange(1, request + 1))
        return _keep(found, part, distances, places, self._may_see(rows.take(part), places), len(self.reference))

    def _look_through(self, rows: Points, part: NDArray[np.intp], found: Nearest) -> None:
        """Fill in rows that may see none but the first few reference rows in order of time."""
        first = np.sort(self._by_time[:_FEW])
        positions = self.reference.positions[first]
        squares = sum(
            (rows.positions[part, None, axis] - positions[None, :, axis]) ** 2 for axis in range(positions.shape[1])
        )
        order = np.argsort(squares, axis=1, kind="stable")
        distances, places = np.sqrt(np.take_along_axis(squares, order, axis=1)), first[order]
        _keep(found, part, distances, places, self._may_see(rows.take(part), places), places.shape[1])

    def _may_see(self, rows: Points, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Of shape (rows, candidates)."""
        reference = self.reference
        allowed = np.ones(places.shape, np.bool_)
        for kind in range(rows.identities.shape[1]):
            allowed &= reference.identities[places, kind] != rows.identities[:, None, kind]
        if rows.times is not None and reference.times is not None:
            allowed &= reference.times[places] < rows.times[:, None]
        return allowed


def _keep(
    found: Nearest, part: NDArray[np.intp], distances: Numbers, places: NDArray[np.intp], allowed: NDArray[np.bool_],
    total: int,
) -> NDArray[np.bool_]:  # fmt: skip
    """Write the allowed candidates of the rows that have enough of them, or no more to ask for."""
    count = found.places.shape[1]
    is_enough = (allowed.sum(axis=1) >= count) | (places.shape[1] >= total)
    front = np.argsort(~allowed[is_enough], axis=1, kind="stable")[:, :count]
    is_real = np.take_along_axis(allowed[is_enough], front, axis=1)
    width = front.shape[1]
    rows = part[is_enough]
    found.places[rows, :width] = np.where(is_real, np.take_along_axis(places[is_enough], front, axis=1), -1)
    found.distances[rows, :width] = np.where(is_real, np.take_along_axis(distances[is_enough], front, axis=1), np.inf)
    return is_enough


def _parts(rows: NDArray[np.intp], candidates: int) -> list[NDArray[np.intp]]:
    """Rows in parts whose candidates fit into memory."""
    size = max(1, _CELLS // candidates)
    return [rows[first : first + size] for first in range(0, len(rows), size)]
