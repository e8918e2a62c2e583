"""Pictures of the errors on test rows: each function draws on empty axes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from housing_spark.evaluation.report.facts import Facts
from housing_spark.evaluation.report.gather import BARS
from housing_spark.pages.bars import Bar, paint_bars
from housing_spark.pages.theme import COLOR
from housing_spark.pages.words import short_amount, short_percent, shortened


def predicted_against_true(facts: Facts, axes: Axes) -> None:
    """A point per row; on the line the price was right."""
    true, predicted = np.array([pair for pair in facts.errors.points if min(pair) > 0]).reshape(-1, 2).T
    axes.set(xscale="log", yscale="log", xlabel=f"true price, {facts.currency}", ylabel=f"predicted, {facts.currency}")
    axes.plot(true, predicted, "o", markersize=2.2, markeredgewidth=0, color=COLOR["first"], alpha=0.45)
    if len(true):
        ends = [min(true.min(), predicted.min()), max(true.max(), predicted.max())]
        axes.plot(ends, ends, color=COLOR["ink"], linewidth=1)
        axes.set(xlim=(ends[0] / 1.1, ends[1] * 1.1), ylim=(ends[0] / 1.1, ends[1] * 1.1))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(short_amount))
        axis.set_minor_formatter(NullFormatter())


def error_histogram(facts: Facts, axes: Axes) -> None:
    """How often the price was how far off."""
    errors = facts.errors
    width = 2 * errors.reach / BARS
    places = [one.at * width - errors.reach for one in errors.bars]
    shares = [one.rows / errors.rows for one in errors.bars]
    axes.bar(places, shares, width=width * 0.92, align="edge", color=COLOR["first"])
    axes.axvline(0, color=COLOR["ink"], linewidth=1)
    axes.set(xlabel="error, share of the true price (left: too low)", ylabel="share of the rows")
    in_percent(axes.xaxis, axes.yaxis)
    axes.grid(visible=False, axis="x")


def error_by_price(facts: Facts, axes: Axes) -> None:
    """Where errors lean: the middle error of each band of predicted price, and the middle 80 %."""
    bands = facts.errors.bands
    places = range(len(bands))
    low, middle, high = zip(*(band.relative for band in bands), strict=True)
    axes.vlines(places, low, high, color=COLOR["first"], linewidth=7, alpha=0.35)
    axes.plot(places, middle, "o", color=COLOR["first"], markersize=5)
    axes.axhline(0, color=COLOR["ink"], linewidth=1)
    axes.set_ylabel("error, share of the true price")
    in_percent(axes.yaxis)
    name_bands(axes, facts)


def error_by_segment(facts: Facts, shown: Sequence[tuple[str, float, int]], axes: Axes) -> None:
    """The typical error of each segment, worst first, below that of all rows."""
    errors = [("all rows", facts.figures["median_ape"], facts.errors.rows), *shown]
    bars = [Bar(shortened(name), value, f"{value:.1%}  ({rows:,} rows)") for name, value, rows in errors]
    paint_bars([replace(bars[0], color="second"), *bars[1:]], axes, room=1.45)
    axes.set_xlabel("typical error")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    in_percent(axes.xaxis)


def name_bands(axes: Axes, facts: Facts) -> None:
    """Bands of predicted price along the axis."""
    bounds = facts.errors.bounds
    names = [short_amount(float(f"{bounds[band.at + 1]:.2g}")) for band in facts.errors.bands]
    axes.set_xticks(range(len(names)), [f"≤{name}" for name in names], fontsize=7.5)
    axes.set_xlabel(f"predicted price, {facts.currency}: a tenth of the rows each")
    axes.grid(visible=False, axis="x")


def in_percent(*axes: Axis) -> None:
    """Shares are told in per cent."""
    for axis in axes:
        axis.set_major_formatter(FuncFormatter(short_percent))
