"""Whether ranges hold: by price, by level, and as time goes on."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from matplotlib.axes import Axes

from housing_spark.evaluation.report.error_plots import in_percent, name_bands
from housing_spark.evaluation.report.facts import Facts
from housing_spark.evaluation.report.words import band_name, wilson
from housing_spark.pages import FactTable, Picture, Section
from housing_spark.pages.theme import COLOR
from housing_spark.pages.words import SPACE, percent


class _Level(NamedTuple):
    """Of a range: the share that it should hold and held, and its mean width as a share of the price."""

    promised: float
    held: float
    width: float


def range_section(facts: Facts) -> Section:
    """The section."""
    width = percent(facts.figures["relative_width"], 0)
    words = (
        f"Each price comes with a range that should hold the true price {percent(facts.level, 0)} of the time, as wide "
        f"as the home is hard to price. It is {width} of the price wide on average, and held "
        f"{percent(facts.figures['coverage'])} of the test prices. {_widened(facts)}{_confidence(facts.figures)}"
    )
    caption = "Dot: share of true prices inside the range. Line: where that share lies with 95 % confidence."
    pictures = [Picture.drawn("coverage", "Does the range hold?", caption, partial(_paint_bands, facts))]
    if levels := _levels(facts.figures):
        caption = "A dot for the range of each level. On the line it held as often as promised; above it, more often."
        paint = partial(_paint_levels, levels, facts.errors.rows)
        pictures.append(Picture.drawn("calibration", "Do ranges of every level hold?", caption, paint))
    tables = (_level_table(levels), *([_time_table(facts)] if facts.quarters else []), _band_table(facts))
    return Section("range", "May I trust the range?", words, tuple(pictures), tables)


def _widened(facts: Facts) -> str:
    wider = facts.widened - 1
    return f"It is {percent(wider)} wider than older sales ask for, since later ones err more. " if wider > 0 else ""


def _time_table(facts: Facts) -> FactTable:
    rows = tuple(
        (one.name, f"{one.rows:,}", percent(one.coverage), percent(one.relative_width), percent(one.median_ape),
         f"{one.median_ratio:.3f}")
        for one in facts.quarters
    )  # fmt: skip
    header = ("quarter by time, 1 the earliest", "test rows", "in range", "mean width", "typical error", "median ratio")
    return FactTable("As time goes on", header, rows)


def _confidence(figures: Mapping[str, float]) -> str:
    return (
        f"Confidence says that {percent(figures['confidence'])} of these prices lie within 10 % of the prediction; "
        f"{percent(figures['confidence_met'])} did."
    )


def _levels(figures: Mapping[str, float]) -> list[_Level]:
    """The ranges of every level, which the figures are named after."""
    names = (name.removeprefix("coverage_") for name in figures if name.startswith("coverage_"))
    return sorted(
        _Level(float(name.replace("_", ".")) / 100, figures[f"coverage_{name}"], figures[f"relative_width_{name}"])
        for name in names
    )


def _level_table(levels: Sequence[_Level]) -> FactTable:
    rows = tuple((f"{100 * one.promised:g}{SPACE}%", percent(one.held), percent(one.width)) for one in levels)
    return FactTable("Ranges of every level", ("should hold", "held", "mean width, share of the price"), rows)


def _band_table(facts: Facts) -> FactTable:
    rows = tuple(
        (band_name(facts.errors, band), f"{band.rows:,}", percent(band.median_ape), percent(band.relative[1]),
         percent(band.inside / band.rows))
        for band in facts.errors.bands
    )  # fmt: skip
    header = (f"predicted price, {facts.currency}", "test rows", "typical error", "middle error", "in range")
    return FactTable("Every band of predicted price", header, rows, is_folded=True)


def _paint_bands(facts: Facts, axes: Axes) -> None:
    """The share of true prices inside the range, by band of predicted price, against what was promised."""
    bands = facts.errors.bands
    places = range(len(bands))
    ends = [wilson(band.inside, band.rows) for band in bands]
    axes.vlines(places, [low for low, _ in ends], [high for _, high in ends], color=COLOR["first"], linewidth=1.5)
    axes.plot(places, [band.inside / band.rows for band in bands], "o", color=COLOR["first"], label="measured")
    axes.axhline(facts.level, color=COLOR["second"], linewidth=1.2, linestyle="--", label="promised")
    axes.set_ylabel("prices inside the range")
    in_percent(axes.yaxis)
    name_bands(axes, facts)
    axes.legend(loc="lower right", ncols=2)


def _paint_levels(levels: Sequence[_Level], rows: int, axes: Axes) -> None:
    """How often the range of each level held, against what it promised."""
    promised = [one.promised for one in levels]
    ends = [wilson(one.held * rows, rows) for one in levels]
    axes.vlines(promised, [low for low, _ in ends], [high for _, high in ends], color=COLOR["first"], linewidth=1.5)
    axes.plot(promised, [one.held for one in levels], "o", color=COLOR["first"])
    axes.plot([min(promised) - 0.1, 1], [min(promised) - 0.1, 1], color=COLOR["ink"], linewidth=1)
    axes.set(xlabel="promised", ylabel="prices inside the range")
    in_percent(axes.xaxis, axes.yaxis)
