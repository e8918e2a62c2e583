"""Cutting rows into cells of like size: a k-d tree's cuts, and blocks on the ground with a halo around each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_spark.features.neighbours.nearest import Numbers, Places

_EVERYWHERE = 1e300  # farther than any place, and still a number


@dataclass(frozen=True)
class Cells:
    """A complete binary tree of cuts.

    Attributes:
        axes: The axis that each inner node cuts, level by level.
        cuts: Where; what lies there goes to the upper side.
    """

    axes: tuple[int, ...]
    cuts: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.axes) + 1

    def of(self, positions: Numbers) -> Places:
        """The cell of each position, shape (rows,)."""
        axes, cuts = np.array(self.axes, np.intp), np.array(self.cuts)
        rows, node = np.arange(len(positions)), np.zeros(len(positions), np.intp)
        while len(axes) and node.min(initial=len(axes)) < len(axes):
            node = 2 * node + 1 + (positions[rows, axes[node]] >= cuts[node])
        return node - len(axes)


def grow_cells(positions: Numbers, depth: int) -> Cells:
    """Cells that hold about the same number of rows each: a cell is cut at the median where it is widest.

    Args:
        positions: Of some of the rows, shape (rows, dimensions).
        depth: There are two to the power of it.
    """
    axes, cuts, level = [], [], [positions]
    for _ in range(depth):
        below = []
        for rows in level:
            axis = int(np.ptp(rows, axis=0).argmax()) if len(rows) else 0
            cut = float(np.median(rows[:, axis])) if len(rows) else 0.0
            is_above = rows[:, axis] >= cut
            below += [rows[~is_above], rows[is_above]]
            axes.append(axis)
            cuts.append(cut)
        level = below
    return Cells(tuple(axes), tuple(cuts))


@dataclass(frozen=True)
class Blocks:
    """Cells of the ground, each with the rows that lie no farther from it than its halo.

    Attributes:
        cells: Cut along the ground.
        halos: How far the halo of each reaches.
        dimensions: Of the ground.
        order: Cells of the mixed space: rows that are asked for one after another had best lie close.
    """

    cells: Cells
    halos: tuple[float, ...]
    dimensions: int
    order: Cells

    def __len__(self) -> int:
        return len(self.cells)

    def holding(self, ground: Numbers) -> NDArray[np.bool_]:
        """Which blocks have a row, in themselves or in their halo, shape (rows, blocks)."""
        held: NDArray[np.bool_] = self.distances(ground) <= np.array(self.halos)
        return held

    def distances(self, ground: Numbers) -> Numbers:
        """From rows to all cells, nought inside, shape (rows, blocks)."""
        lower, upper = self._boxes
        squares = np.zeros((len(ground), len(self)))
        for axis in range(self.dimensions):
            here = ground[:, axis, None]
            squares += np.maximum(np.maximum(lower[:, axis] - here, here - upper[:, axis]), 0.0) ** 2
        return np.sqrt(squares)

    def seen_from(self, ground: Numbers, block: int) -> Numbers:
        """How far rows of a block see no other rows than the block holds, shape (rows,)."""
        lower, upper = (ends[block] for ends in self._boxes)
        margin: Numbers = np.minimum(ground - lower, upper - ground).min(axis=1)
        return self.halos[block] + margin

    @cached_property
    def _boxes(self) -> tuple[Numbers, Numbers]:
        """The lower and the upper ends of the cells, shape (blocks, dimensions)."""
        lower = np.full((2 * len(self) - 1, self.dimensions), -np.inf)
        upper = -lower
        for node, (axis, cut) in enumerate(zip(self.cells.axes, self.cells.cuts, strict=True)):
            for child, ends in ((2 * node + 1, upper), (2 * node + 2, lower)):
                lower[child], upper[child] = lower[node], upper[node]
                ends[child, axis] = cut
        return lower[len(self) - 1 :], upper[len(self) - 1 :]

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Blocks":
        """The blocks back from JSON."""
        cells, order = (Cells(tuple(values[name]["axes"]), tuple(values[name]["cuts"])) for name in ("cells", "order"))
        return cls(cells, tuple(values["halos"]), values["dimensions"], order)


def grow_blocks(ground: Numbers, depth: int, halo_share: float, order: Cells) -> Blocks:
    """Blocks whose halos hold so many times the rows of a block, or all there are.

    Args:
        ground: Of a share of the rows that their hashes choose, shape (rows, dimensions).
        depth: There are two to the power of it.
        halo_share: Rows of a halo over rows of a block.
        order: As the blocks have it.
    """
    bare = Blocks(grow_cells(ground, depth), (0.0,) * 2**depth, ground.shape[1], order)
    distances, wanted = bare.distances(ground), int(halo_share * len(ground) / len(bare))
    halos = []
    for away in distances.T:
        outside = np.sort(away[away > 0])
        halos.append(float(outside[wanted]) if len(outside) > wanted else _EVERYWHERE)
    return Blocks(bare.cells, tuple(halos), bare.dimensions, order)
