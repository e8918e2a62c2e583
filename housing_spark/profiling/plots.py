"""Pictures of a profile: each function draws on empty axes."""

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, PercentFormatter

from housing_spark.pages.bars import Bar, paint_bars
from housing_spark.pages.theme import COLOR, HEAT
from housing_spark.pages.words import short_amount, shortened
from housing_spark.profiling.facts import ColumnProfile, Pair, Score


def score_parts(score: Score, axes: Axes) -> None:
    """The parts of the score, and their mean."""
    _shares([("score", score.overall), *score.parts.items()], axes, first="second")


def gaps(columns: Sequence[ColumnProfile], rows: int, axes: Axes) -> None:
    """The columns with the most missing values."""
    _shares([(column.name, column.missing / rows) for column in columns], axes)


def histogram(column: ColumnProfile, axes: Axes) -> None:
    """Rows per bar, and the middle value."""
    width = column.bars[0].high - column.bars[0].low
    lows = [bar.low for bar in column.bars]
    axes.bar(lows, [bar.rows for bar in column.bars], width=width * 0.94, align="edge", color=COLOR["first"])
    axes.axvline(column.quantiles[0.5], color=COLOR["ink"], linewidth=1)
    axes.xaxis.set_major_formatter(FuncFormatter(short_amount))
    axes.yaxis.set_major_formatter(FuncFormatter(short_amount))
    axes.set(xlabel=column.name, ylabel="rows")
    axes.grid(visible=False, axis="x")


def frequent_values(column: ColumnProfile, rows: int, axes: Axes) -> None:
    """The most frequent values, as shares of all rows."""
    _shares([(value, count / rows) for value, count in column.top], axes)


def correlations(names: Sequence[str], pairs: Sequence[Pair], axes: Axes) -> None:
    """How strongly numbers move together; the sign is written where it is strong."""
    place = {name: index for index, name in enumerate(names)}
    for pair in pairs:
        x, y = sorted((place[pair.first], place[pair.second]))
        strength = min(int(abs(pair.correlation) * len(HEAT)), len(HEAT) - 1)
        axes.add_patch(_square(x, y, HEAT[strength]))
        if abs(pair.correlation) >= 0.5:
            axes.text(x, y, "+" if pair.correlation > 0 else "-", ha="center", va="center", color=COLOR["ink"])
    labels = [shortened(name) for name in names]
    axes.set(xlim=(-0.5, len(names) - 1.5), ylim=(len(names) - 0.5, 0.5))
    axes.set_xticks(range(len(names) - 1), labels[:-1], rotation=90, fontsize=8)
    axes.set_yticks(range(1, len(names)), labels[1:], fontsize=8)
    axes.grid(visible=False)


def _square(x: int, y: int, color: str) -> Rectangle:
    return Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, facecolor=color, linewidth=0)


def _shares(shares: Sequence[tuple[str, float]], axes: Axes, *, first: str = "first") -> None:
    bars = [Bar(shortened(name), share, f"{share:.1%}") for name, share in shares]
    paint_bars([replace(bars[0], color=first), *bars[1:]], axes)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
