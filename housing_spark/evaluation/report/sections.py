"""The page's sections in order: words, pictures and tables. A new section is one more function in ``SECTIONS``."""

from collections.abc import Callable
from functools import partial

from housing_spark.evaluation.report import error_plots, map_plot, model_plots
from housing_spark.evaluation.report.facts import Facts
from housing_spark.evaluation.report.level_section import level_section
from housing_spark.evaluation.report.range_section import range_section
from housing_spark.evaluation.report.study_section import study_section
from housing_spark.pages import FactTable, Picture, Section
from housing_spark.pages.bars import bars_height
from housing_spark.pages.words import amount, percent

SHOWN_SEGMENTS = 12
_MAP_HEIGHT = 4.2  # inches


def sections(facts: Facts) -> tuple[Section, ...]:
    """Every section that these facts can fill."""
    return tuple(section for build in SECTIONS if (section := build(facts)) is not None)


def _alternatives(facts: Facts) -> Section:
    duel, figures = facts.duel, facts.figures
    against = (
        f"On the {duel.rows:,} rows that neither was trained on, half of this model's prices are within "
        f"{percent(duel.median_ape)}, of version {duel.version}'s (the champion then) "
        f"{percent(duel.champion_median_ape)}."
        if duel
        else "No other model was champion when this one was judged."
    )
    words = (
        f"The model explains {percent(figures['r2'], 0)} of the variance of test prices. The baselines are the mean "
        f"price, and least squares on the raw numbers. {against}"
    )
    caption = "Root mean squared error: large misses weigh more than small ones."
    paint = partial(model_plots.comparison, facts)
    picture = Picture.drawn("comparison", "Compared with the alternatives", caption, paint)
    return Section("alternatives", "Is it better than the alternatives?", words, (picture,))


def _errors(facts: Facts) -> Section:
    errors = facts.errors
    sampled = f"{len(errors.points):,} of the {errors.rows:,} test rows (by hash of key)"
    which = "each test row" if len(errors.points) == errors.rows else f"each of {sampled}"
    unshown = sum(min(point) <= 0 for point in errors.points)
    left_out = f" {unshown:,} rows of zero or less are left out." if unshown else ""
    pictures = (
        Picture.drawn(
            "predicted_true", "Predicted against true",
            f"A point for {which}. On the line the price was right; above it, too high. Both axes are logarithmic."
            f"{left_out}", partial(error_plots.predicted_against_true, facts),
        ),
        Picture.drawn(
            "residuals", "How far off, how often",
            f"Errors of all test rows; those beyond {percent(errors.reach, 0)} are counted in the outermost bars.",
            partial(error_plots.error_histogram, facts),
        ),
        Picture.drawn(
            "residuals_by_price", "Does the error lean?",
            "Dot: the middle error of a tenth of the rows. Bar: the middle 80 % of them. Dots off the line lean.",
            partial(error_plots.error_by_price, facts),
        ),
    )  # fmt: skip
    words = f"Only test rows, which played no part in making the model.{_capped(facts)}"
    return Section("errors", "How wrong are the prices?", words, pictures)


def _capped(facts: Facts) -> str:
    if facts.label_cap is None:
        return ""
    at_cap = f"{facts.errors.capped:,} test prices are at the cap of {amount(facts.label_cap, facts.currency)}"
    return f" {at_cap}: their true price is that or more, so their error is not known."


def _where(facts: Facts) -> Section | None:
    pictures, tables = [], []
    grid, cells = facts.errors.grid, facts.errors.cells
    if grid is not None and cells:
        caption = (
            f"Typical error of the test rows in each of {grid.columns} x {grid.lines} cells; cells with fewer than "
            f"{map_plot.FEWEST_IN_CELL} test rows are left out. North is up."
        )
        paint = partial(map_plot.error_map, grid, cells)
        pictures.append(Picture.drawn("error_map", "Map of the error", caption, paint, _MAP_HEIGHT))
    if facts.segments:
        pictures.append(_segment_picture(facts))
        tables.append(_segment_table(facts))
    words = "Typical error: half of the rows are closer to their true price than this."
    title = "Where is it good, where poor?"
    return Section("where", title, words, tuple(pictures), tuple(tables)) if pictures else None


def _segment_picture(facts: Facts) -> Picture:
    ordered = sorted(facts.segments, key=lambda one: -one.median_ape)
    shown = [(one.value, one.median_ape, one.rows) for one in ordered[:SHOWN_SEGMENTS]]
    more = f"The worst {SHOWN_SEGMENTS} of {len(ordered)}. " if len(ordered) > SHOWN_SEGMENTS else ""
    caption = f"{more}Segments are values of {', '.join(dict.fromkeys(one.column for one in ordered))}."
    paint = partial(error_plots.error_by_segment, facts, shown)
    return Picture.drawn("segments", "Error by segment", caption, paint, bars_height(len(shown) + 1))


def _model(facts: Facts) -> Section:
    inside, pictures = facts.inside, []
    height = bars_height(min(len(inside.weights), model_plots.SHOWN_FEATURES))
    more = f"The first {model_plots.SHOWN_FEATURES} of {len(inside.weights)} features. "
    caption = f"{more if len(inside.weights) > model_plots.SHOWN_FEATURES else ''}Measure: {inside.measure}."
    paint = partial(model_plots.importance, facts)
    pictures.append(Picture.drawn("importance", "What the price depends on", caption, paint, height))
    if inside.curve:
        caption = (
            "Error after each tree. The model was cut where the validation error was lowest: there the curve ends."
        )
        paint = partial(model_plots.learning_curve, facts)
        pictures.append(Picture.drawn("learning_curve", "Learning curve", caption, paint))
    if facts.trials:
        caption = f"{len(facts.trials)} trials, {sum(trial.seconds for trial in facts.trials):,.0f} seconds of fitting."
        pictures.append(Picture.drawn("search", "Search history", caption, partial(model_plots.search_history, facts)))
    words = "What counts for the model is not what causes a price: features that move together share their weight."
    if not inside.curve:
        words += " A learning curve is drawn for boosted trees only; this model is not grown tree upon tree."
    return Section("model", "What is inside?", words, tuple(pictures))


def _card(facts: Facts) -> Section:
    words = "What the model is for, what it was made from, and what it must not be used for."
    return Section("card", "Model card", words, (), facts.card)


def _segment_table(facts: Facts) -> FactTable:
    rows = tuple(
        (one.column, one.value, f"{one.rows:,}", percent(one.median_ape), amount(one.rmse), percent(one.coverage))
        for one in sorted(facts.segments, key=lambda one: (one.column, one.value))
    )
    header = ("column", "segment", "test rows", "typical error", f"RMSE, {facts.currency}", "in range")
    return FactTable("Every segment", header, rows, is_folded=True)


SECTIONS: tuple[Callable[[Facts], Section | None], ...] = (
    _alternatives, _errors, _where, level_section, range_section, study_section, _model, _card,
)  # fmt: skip
