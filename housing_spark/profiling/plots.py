"""Pictures of a profile: each function draws on empty axes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, PercentFormatter

from housing_spark.pages.theme import COLOR, HEAT
from housing_spark.pages.words import short_amount, shortened
from housing_spark.profiling.facts import ColumnProfile, Pair, Score


def score_parts(score: Score, axes: Axes) -> None:
    """The parts of the score, and their mean."""
    bars = [("score", score.overall), *score.parts.items()]
    _shares(axes, bars, [COLOR["second"], *(COLOR["first"] for _ in score.parts)])


def gaps(columns: Sequence[ColumnProfile], rows: int, axes: Axes) -> None:
    """The columns with the most missing values."""
    bars = [(shortened(column.name), column.missing / rows) for column in columns]
    _shares(axes, bars, [COLOR["first"]] * len(bars))


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
    bars = [(shortened(value), count / rows) for value, count in column.top]
    _shares(axes, bars, [COLOR["first"]] * len(bars))


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


def _shares(axes: Axes, bars: Sequence[tuple[str, float]], colors: Sequence[str]) -> None:
    places = np.arange(len(bars))
    axes.barh(places, [share for _, share in bars], height=0.7, color=colors)
    for place, (_, share) in zip(places, bars, strict=True):
        axes.annotate(
            f"{share:.1%}", (share, float(place)), (3, 0), textcoords="offset points", va="center", fontsize=8,
            color=COLOR["muted"],
        )  # fmt: skip
    axes.set_yticks(places, [name for name, _ in bars])
    axes.invert_yaxis()
    axes.set_xlim(0, max(share for _, share in bars) * 1.18 or 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(visible=False, axis="y")
