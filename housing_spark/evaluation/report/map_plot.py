"""The map of errors."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from housing_spark.evaluation.report.facts import Grid, Slice
from housing_spark.pages.theme import HEAT

FEWEST_IN_CELL = 2


def error_map(grid: Grid, cells: Sequence[Slice], axes: Axes) -> None:
    """The typical error of the sales in each cell of a map."""
    shown = [cell for cell in cells if cell.rows >= FEWEST_IN_CELL]
    edges = _classes([cell.median_ape for cell in shown])
    legend = []
    for place, color in enumerate(HEAT):
        low, high = edges[place], edges[place + 1]
        inside = [cell for cell in shown if low <= cell.median_ape < high]
        if inside:
            outline = Path.make_compound_path(*(_square(grid, cell) for cell in inside))
            axes.add_patch(PathPatch(outline, facecolor=color, edgecolor="none"))
        words = f"{low:.0%} to {high:.0%}" if np.isfinite(high) else f"over {low:.0%}"
        legend.append(Patch(facecolor=color, label=words))
    right, top = grid.x + grid.columns * grid.step_x, grid.y + grid.lines * grid.step_y
    axes.set(xlim=(grid.x, right), ylim=(grid.y, top), aspect=grid.stretch)
    axes.grid(visible=False)
    axes.tick_params(labelsize=7.5)
    axes.locator_params(nbins=5)
    axes.legend(handles=legend, loc="lower center", bbox_to_anchor=(0.5, 1.02), ncols=3, handlelength=1.2)


def _classes(values: Sequence[float]) -> list[float]:
    """Round edges of six classes that leave the highest tenth of the cells in the last."""
    top = float(np.quantile(values, 0.9)) if values else 0.1
    step = max(round(top / 5, 2), 0.01)
    return [step * place for place in range(6)] + [float("inf")]


def _square(grid: Grid, cell: Slice) -> Path:
    left, low = grid.x + cell.at % grid.columns * grid.step_x, grid.y + cell.at // grid.columns * grid.step_y
    right, high = left + grid.step_x, low + grid.step_y
    return Path([(left, low), (right, low), (right, high), (left, high), (left, low)], closed=True)
