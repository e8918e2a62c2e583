"""Horizontal bars with their figures beside them, the first on top."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from housing_spark.pages.theme import COLOR

_BAR, _AXIS, _LOWEST = 0.21, 0.75, 1.7  # inches


@dataclass(frozen=True)
class Bar:
    """A bar: ``note`` is written where it ends, ``color`` is a name of ``COLOR``."""

    name: str
    value: float
    note: str = ""
    color: str = "first"


def paint_bars(bars: Sequence[Bar], axes: Axes, *, room: float = 1.2) -> None:
    """Draw bars on empty axes.

    Args:
        bars: At least one.
        axes: Empty axes.
        room: Length of the axis as a multiple of the longest bar, for the notes.
    """
    places = range(len(bars))
    drawn = axes.barh(places, [bar.value for bar in bars], height=0.7, color=[COLOR[bar.color] for bar in bars])
    axes.bar_label(drawn, [bar.note for bar in bars], padding=3, fontsize=8, color=COLOR["muted"])
    axes.set_yticks(places, [bar.name for bar in bars])
    axes.set(ylim=(len(bars) - 0.4, -0.6), xlim=(0, room * max(bar.value for bar in bars) or 1))
    axes.grid(visible=False, axis="y")


def bars_height(bars: int) -> float:
    """Inches that a picture of so many bars needs."""
    return max(_BAR * bars + _AXIS, _LOWEST)
