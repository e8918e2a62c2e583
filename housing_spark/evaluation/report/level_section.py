"""Whether homes are priced alike: the ratio study of assessors, tenths of the prices, leaning segments, and places."""

from collections.abc import Iterator
from functools import partial
from math import exp, sqrt

from matplotlib.axes import Axes

from housing_spark.evaluation.fairness import LEVEL
from housing_spark.evaluation.report.facts import Facts, Tenth
from housing_spark.pages import FactTable, Picture, Section
from housing_spark.pages.theme import COLOR
from housing_spark.pages.words import percent

_Z = (-1.96, 1.96)  # 95 % of a normal distribution
# International Association of Assessing Officers, Standard on Ratio Studies, 2013: lowest and highest accepted.
ACCEPTED = {
    "median_ratio": ("median ratio", 0.90, 1.10, "the level: are all prices too high or too low?"),
    "cod": ("COD", 5.0, 15.0, "dispersion, per cent: are like homes priced alike? (lower is better; below 5 is rare)"),
    "prd": ("PRD", 0.98, 1.03, "above 1: dear homes are priced too low beside cheap ones"),
    "prb": ("PRB", -0.05, 0.05, "what the ratio gains when the value doubles"),
}


def level_section(facts: Facts) -> Section:
    """The section."""
    words = f"A ratio is the predicted over the true price of a test row. {_lean_words(facts)} {_place_words(facts)}"
    caption = "Dot: mean ratio of a tenth of the rows by price. Line: where it lies with 95 % confidence."
    pictures = []
    if facts.tenths:
        paint = partial(_paint_tenths, facts.tenths)
        pictures.append(Picture.drawn("tenths", "Cheap and dear homes", caption, paint))
    tables = (_study(facts), *([_leans(facts)] if facts.segments else []))
    return Section("level", "Are homes priced alike?", words, tuple(pictures), tables)


def _lean_words(facts: Facts) -> str:
    judged = [(one, one.lean) for one in facts.segments if one.lean is not None]
    if not judged:
        return "There are no segments to compare."
    leaning = [(one, lean) for one, lean in judged if lean.is_beyond(facts.max_lean)]
    bound = f"by more than {percent(facts.max_lean, 0)} and no chance"
    if not leaning:
        return f"No segment of {len(judged)} is priced above or below the others {bound}."
    worst, lean = max(leaning, key=lambda pair: abs(pair[1].value))
    return (
        f"{len(leaning)} of {len(judged)} segments are priced above or below the others {bound}; most of all "
        f"{worst.column} {worst.value}, {percent(abs(lean.value))} {'above' if lean.value > 0 else 'below'}."
    )


def _place_words(facts: Facts) -> str:
    figures = facts.figures
    if "moran_i" not in figures:
        return ""
    known = "go together by place" if figures["moran_chance"] < LEVEL else "tell nothing of the place"
    beside = f" (least squares: {figures['moran_ols_i']:.2f})" if "moran_ols_i" in figures else ""
    return f"Errors of neighbours {known}: Moran's I is {figures['moran_i']:.2f}{beside}; 0 is none."


def _study(facts: Facts) -> FactTable:
    known = [(key, facts.figures[key]) for key in ACCEPTED if facts.figures.get(key) is not None]
    rows = tuple(_judged(value, *ACCEPTED[key]) for key, value in known)
    header = ("figure", "measured", "accepted", "met", "what it tells")
    return FactTable("Ratio study (bounds: IAAO, Standard on Ratio Studies, 2013)", header, rows)


def _judged(value: float, name: str, low: float, high: float, what: str) -> tuple[str, ...]:
    met = "yes" if low <= value <= high else "better" if name == "COD" and value < low else "no"
    return name, f"{value:.3g}", f"{low:g} to {high:g}", met, what


def _leans(facts: Facts) -> FactTable:
    header = ("column", "segment", "test rows", "priced above (+) or below the others", "chance of it", "verdict")
    return FactTable("Lean of every segment", header, tuple(_lean_rows(facts)), is_folded=True)


def _lean_rows(facts: Facts) -> Iterator[tuple[str, ...]]:
    judged = [(one, one.lean) for one in facts.segments if one.lean is not None]
    for one, lean in sorted(judged, key=lambda pair: -abs(pair[1].value)):
        verdict = "leans" if lean.is_beyond(facts.max_lean) else "within the bound or chance"
        value = f"{'+' if lean.value > 0 else ''}{percent(lean.value)}"
        yield (one.column, one.value, f"{one.rows:,}", value, f"{lean.chance:.3f}", verdict)


def _paint_tenths(tenths: tuple[Tenth, ...], axes: Axes) -> None:
    places = range(len(tenths))
    low, high = ([exp(one.mean_log_ratio + z * one.sd_log_ratio / sqrt(one.rows)) for one in tenths] for z in _Z)
    axes.vlines(places, low, high, color=COLOR["first"], linewidth=1.5)
    axes.plot(places, [exp(one.mean_log_ratio) for one in tenths], "o", color=COLOR["first"])
    axes.axhline(1, color=COLOR["ink"], linewidth=1)
    axes.set_xticks(places, [one.name.lstrip("0") for one in tenths])
    axes.set_xlabel("tenth of the test rows, cheapest first (by the mean of predicted and true price)")
    axes.set_ylabel("predicted over true price")
    axes.grid(visible=False, axis="x")
