"""The nearest reference rows that a row may see: exact, whatever it must not see lies closest."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree  # type: ignore[import-untyped]  # SciPy has no types

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Places = NDArray[np.intp]
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

    def of(self, places: Places) -> "Points":
        """Some of the rows."""
        times = None if self.times is None else self.times[places]
        return Points(self.positions[places], self.identities[places], times)


@dataclass(frozen=True)
class Nearest:
    """Reference rows by distance; where there are fewer than asked for, place -1 at distance infinity.

    Both arrays have the shape (rows, count).
    """

    distances: Numbers
    places: Places

    def closest(self, count: int) -> "Nearest":
        """So many of them."""
        return Nearest(self.distances[:, :count], self.places[:, :count])

    def fill(self, rows: Places, candidates: "Nearest", allowed: NDArray[np.bool_], is_all: bool) -> NDArray[np.bool_]:
        """Write the allowed candidates of the rows that have enough of them, or no more to ask for; which those are."""
        count = self.places.shape[1]
        is_enough: NDArray[np.bool_] = is_all | (allowed.sum(axis=1) >= count)
        front = np.argsort(~allowed[is_enough], axis=1, kind="stable")[:, :count]
        is_real = np.take_along_axis(allowed[is_enough], front, axis=1)
        pairs = ((candidates.places, self.places, -1), (candidates.distances, self.distances, np.inf))
        for values, found, nothing in pairs:
            first = np.take_along_axis(values[is_enough], front, axis=1)
            found[rows[is_enough], : front.shape[1]] = np.where(is_real, first, nothing)
        return is_enough


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
    def extent(self) -> float:
        """The diagonal of the box around all reference rows."""
        return float(np.linalg.norm(np.ptp(self.reference.positions, axis=0))) if len(self.reference) else 0.0

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.reference.positions, balanced_tree=False, compact_nodes=False)

    @cached_property
    def _by_time(self) -> Places:
        times = self.reference.times
        return np.arange(len(self.reference)) if times is None else np.argsort(times, kind="stable")

    def _seen(self, rows: Points) -> Places:
        """How many reference rows happened before each row."""
        if rows.times is None or self.reference.times is None:
            return np.full(len(rows), len(self.reference), np.intp)
        return np.searchsorted(self.reference.times[self._by_time], rows.times, side="left")

    def _first_request(self, seen: Places, count: int) -> Places:
        """Powers of two, so that few different numbers are asked for; 0 for rows that need no tree."""
        total = len(self.reference)
        expected = 1.25 * count * total / np.maximum(seen, 1) + _SPARE
        asked = 2 ** np.ceil(np.log2(expected)).astype(np.intp)
        return np.where(seen > _FEW, np.minimum(asked, total), 0)

    def _ask(self, rows: Points, part: Places, request: int, found: Nearest) -> NDArray[np.bool_]:
        """Fill in the rows for which so many candidates are enough; which those are."""
        distances, places = self._tree.query(rows.positions[part], k=np.arange(1, request + 1))
        candidates = Nearest(distances, places)
        return found.fill(part, candidates, self._may_see(rows.of(part), places), request >= len(self.reference))

    def _look_through(self, rows: Points, part: Places, found: Nearest) -> None:
        """Fill in rows that may see none but the first few reference rows in order of time."""
        first = np.sort(self._by_time[:_FEW])
        here, there = rows.positions[part, None, :], self.reference.positions[None, first, :]
        squares = np.zeros((len(part), len(first)))
        for axis in range(here.shape[2]):
            squares += (here[:, :, axis] - there[:, :, axis]) ** 2
        order = np.argsort(squares, axis=1, kind="stable")
        candidates = Nearest(np.sqrt(np.take_along_axis(squares, order, axis=1)), first[order])
        found.fill(part, candidates, self._may_see(rows.of(part), candidates.places), is_all=True)

    def _may_see(self, rows: Points, places: Places) -> NDArray[np.bool_]:
        """Of shape (rows, candidates)."""
        reference = self.reference
        allowed = np.ones(places.shape, np.bool_)
        for kind in range(rows.identities.shape[1]):
            allowed &= reference.identities[places, kind] != rows.identities[:, None, kind]
        if rows.times is not None and reference.times is not None:
            allowed &= reference.times[places] < rows.times[:, None]
        return allowed


def _parts(rows: Places, candidates: int) -> list[Places]:
    """Rows in parts whose candidates fit into memory."""
    size = max(1, _CELLS // candidates)
    return [rows[first : first + size] for first in range(0, len(rows), size)]
