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
_SPARE, _STEP = 8, 16
_LEAF = 32  # rows in a leaf of a tree: a tenth quicker than SciPy's 16 where there are nine dimensions


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

    def fill(self, rows: Places, candidates: "Nearest", allowed: NDArray[np.bool_], *, is_all: bool) -> Places:
        """Write the first allowed candidates of each row.

        Args:
            rows: Places of the rows here.
            candidates: By distance, shape (rows, candidates).
            allowed: Which of them a row may see, the same shape.
            is_all: Whether there are no more to ask for.

        Returns:
            Rows that have too few of them, and may have more.
        """
        count = self.places.shape[1]
        number = np.cumsum(allowed, axis=1, dtype=np.int32)
        is_enough = number[:, -1] >= count
        taken = (allowed & (number <= count))[is_enough]
        for values, found in ((candidates.places, self.places), (candidates.distances, self.distances)):
            found[rows[is_enough]] = values[is_enough][taken].reshape(-1, count)
        short = np.flatnonzero(~is_enough)
        if not is_all:
            return rows[short]
        for row in short:
            seen = np.flatnonzero(allowed[row])
            self.places[rows[row], : len(seen)] = candidates.places[row, seen]
            self.distances[rows[row], : len(seen)] = candidates.distances[row, seen]
        return rows[:0]


class NearestIndex:
    """Reference rows, ready to be asked; distances are Euclidean.

    Where time counts, there is a tree over all reference rows, one over the earlier half, one over the earliest
    quarter, and so on: a row asks the smallest that holds all it may see, and may see half of that or more.
    """

    def __init__(self, reference: Points, slack: float = 0.0) -> None:
        """Take the reference rows; in order of time they need no copy.

        Args:
            reference: The reference rows.
            slack: Of what is found, the farthest may lie farther than the true one by this share of its distance.
        """
        self.reference, self._slack = reference, slack
        times, self._trees = reference.times, dict[int, cKDTree]()
        is_ordered = times is None or bool((times[1:] >= times[:-1]).all())
        self._by_time = np.arange(len(reference)) if times is None else np.argsort(times, kind="stable")
        self._positions = reference.positions if is_ordered else reference.positions[self._by_time]

    def nearest(self, rows: Points, count: int) -> Nearest:
        """For each row its nearest reference rows that it may see.

        As many are asked for as the share that a row may see suggests, and twice as many again where that was not
        enough. Rows that may see few reference rows look at each of these.
        """
        found = Nearest(np.full((len(rows), count), np.inf), np.full((len(rows), count), -1, np.intp))
        seen = self._seen(rows)
        few = np.flatnonzero((seen > 0) & (seen <= _FEW))
        for part in _parts(few, _FEW):
            self._look_through(rows, part, seen, found)
        many = np.flatnonzero(seen > _FEW)
        size = self._sizes[np.searchsorted(self._sizes, seen[many])]
        for one in np.unique(size):
            self._ask_tree(rows, many[size == one], (int(one), seen), found)
        return found

    def _seen(self, rows: Points) -> Places:
        """How many reference rows happened before each row."""
        if rows.times is None or self.reference.times is None:
            return np.full(len(rows), len(self.reference), np.intp)
        return np.searchsorted(self.reference.times[self._by_time], rows.times, side="left")

    @cached_property
    def _sizes(self) -> Places:
        """How many reference rows the trees hold, ascending."""
        sizes = [len(self.reference)]
        while self.reference.times is not None and sizes[-1] > _FEW:
            sizes.append((sizes[-1] + 1) // 2)
        return np.array(sizes[::-1], np.intp)

    def _ask_tree(self, rows: Points, waiting: Places, tree: tuple[int, Places], found: Nearest) -> None:
        """Fill in rows whose tree has that size."""
        size, seen = tree
        expected = 1.25 * found.places.shape[1] * size / seen[waiting] + _SPARE
        requests = np.minimum(_STEP * np.ceil(expected / _STEP).astype(np.intp), size)
        for request in np.unique(requests):
            left, asked = waiting[requests == request], int(request)
            while len(left):
                parts = [self._ask(rows, part, (asked, *tree), found) for part in _parts(left, asked)]
                left, asked = np.concatenate(parts), min(2 * asked, size)

    def _tree(self, size: int) -> cKDTree:
        if size not in self._trees:
            self._trees[size] = cKDTree(self._positions[:size], balanced_tree=False, leafsize=_LEAF)
        return self._trees[size]

    def _ask(self, rows: Points, part: Places, asked: tuple[int, int, Places], found: Nearest) -> Places:
        """Fill in the rows for which so many candidates are enough; returns the others."""
        request, size, seen = asked
        distances, numbers = self._tree(size).query(rows.positions[part], np.arange(1, request + 1), self._slack)
        candidates = Nearest(distances, self._by_time[numbers])
        allowed = self._may_see(rows.of(part), candidates.places) & (numbers < seen[part, None])
        return found.fill(part, candidates, allowed, is_all=request >= size)

    def _look_through(self, rows: Points, part: Places, seen: Places, found: Nearest) -> None:
        """Fill in rows that may see none but the first few reference rows in order of time."""
        first = self._by_time[:_FEW]
        here, there = rows.positions[part, None, :], self._positions[None, : len(first), :]
        squares = np.zeros((len(part), len(first)))
        for axis in range(here.shape[2]):
            squares += (here[:, :, axis] - there[:, :, axis]) ** 2
        order = np.argsort(squares, axis=1, kind="stable")
        candidates = Nearest(np.sqrt(np.take_along_axis(squares, order, axis=1)), first[order])
        allowed = self._may_see(rows.of(part), candidates.places) & (order < seen[part, None])
        found.fill(part, candidates, allowed, is_all=True)

    def _may_see(self, rows: Points, places: Places) -> NDArray[np.bool_]:
        """Whether they share no identity, of shape (rows, candidates)."""
        allowed = np.ones(places.shape, np.bool_)
        for kind in range(rows.identities.shape[1]):
            allowed &= self.reference.identities[places, kind] != rows.identities[:, None, kind]
        return allowed


def _parts(rows: Places, candidates: int) -> list[Places]:
    """Rows in parts whose candidates fit into memory."""
    size = max(1, _CELLS // candidates)
    return [rows[first : first + size] for first in range(0, len(rows), size)]
