"""How far the figures carry: other splits, fewer rows, fewer features; where such studies were made."""

from functools import partial

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from housing_spark.evaluation.report.facts import Facts
from housing_spark.evaluation.report.studies import StudyFit
from housing_spark.pages import FactTable, Picture, Section
from housing_spark.pages.bars import bars_height
from housing_spark.pages.theme import COLOR
from housing_spark.pages.words import amount, percent, short_amount, short_percent

SCHEMES = {
    "random": "a random share of the sales",
    "time": "the newest sales",
    "spatial": "whole blocks of the map",
}
_HOMES = {"time": "for later sales", "spatial": "in a new neighbourhood"}


def study_section(facts: Facts) -> Section | None:
    """The section; ``None`` where the model was not studied."""
    studies = facts.studies
    if not studies:
        return None
    pictures, tables = [], []
    if "learning_curve" in studies:
        paint = partial(_paint_curve, studies["learning_curve"], facts.currency)
        caption = "RMSE on the same test rows. Line: where it lies by bootstrap. The axis of rows is logarithmic."
        pictures.append(Picture.drawn("rows_curve", "Would more sales help?", caption, paint))
    if without := [fit for fit in studies.get("ablation", ()) if fit.compared]:
        caption = "How much lower the RMSE is with all features than with the change named. Line: paired bootstrap."
        paint, height = partial(_paint_ablation, without), bars_height(len(without))
        pictures.append(Picture.drawn("ablation", "What is each part worth?", caption, paint, height))
    if "validation" in studies:
        tables.append(_schemes(studies["validation"], facts.currency))
    words = (
        "The parameters of this model, fitted again on other splits, rows and features; nothing was searched again. "
        f"{' '.join(gap_words(studies.get('validation', ())))}"
    )
    return Section("studies", "How far does it carry?", words.strip(), tuple(pictures), tuple(tables))


def study_table(name: str, fits: tuple[StudyFit, ...]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of a study, for a terminal."""
    compared = {"validation": "gap to random", "learning_curve": "all rows gain"}.get(name, "all features gain")
    told = ("RMSE", "MAE", "typical error", "Moran's I")
    header = ("variant", "training rows", "test rows", *told, compared, "95 % confidence")
    return header, [_told(fit) for fit in fits]


def _told(fit: StudyFit) -> tuple[str, ...]:
    change, low, high = [_signed(end) for end in fit.compared] if fit.compared else ["", "", ""]
    between = f"{low} to {high}" if fit.compared else ""
    counts = (f"{fit.training_rows:,}", f"{fit.rows:,}")
    errors = (amount(fit.rmse[0]), amount(fit.mae), percent(fit.median_ape), _moran(fit))
    return fit.name, *counts, *errors, change, between


def gap_words(fits: tuple[StudyFit, ...]) -> list[str]:
    """The gap of each scheme to the random one, in a sentence."""
    return [_gap(fit) for fit in fits if fit.compared]


def _gap(fit: StudyFit) -> str:
    gap, low, high = fit.compared or (0.0, 0.0, 0.0)
    side, sure = ("higher" if gap >= 0 else "lower"), low > 0 or high < 0
    between = f"95 % confidence: {_signed(low)} to {_signed(high)}{'' if sure else ', so it may be chance'}"
    return f"An honest RMSE {_HOMES[fit.name]} is {percent(abs(gap))} {side} than on a random split ({between})."


def _moran(fit: StudyFit) -> str:
    return "" if fit.moran_i is None else f"{fit.moran_i:.2f}"


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else ''}{percent(share)}"


def _schemes(fits: tuple[StudyFit, ...], currency: str) -> FactTable:
    rows = tuple(
        (SCHEMES[fit.name], f"{fit.rows:,}", amount(fit.rmse[0]), f"{amount(fit.rmse[1])} to {amount(fit.rmse[2])}",
         amount(fit.mae), percent(fit.median_ape), _moran(fit),
         _signed(fit.compared[0]) if fit.compared else "")
        for fit in fits
    )  # fmt: skip
    told = (f"RMSE, {currency}", "95 % confidence", "MAE", "typical error", "Moran's I")
    header = ("test rows are", "how many", *told, "gap")
    return FactTable("Ways to hold rows out", header, rows)


def _paint_curve(fits: tuple[StudyFit, ...], currency: str, axes: Axes) -> None:
    rows = [fit.training_rows for fit in fits]
    axes.vlines(rows, [fit.rmse[1] for fit in fits], [fit.rmse[2] for fit in fits], color=COLOR["first"], linewidth=1.5)
    axes.plot(rows, [fit.rmse[0] for fit in fits], "o-", color=COLOR["first"])
    axes.set(xscale="log", xlabel="training rows", ylabel=f"RMSE on test rows, {currency}")
    axes.set_ylim(0, None)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticks(rows, [f"{count:,}" for count in rows])
    axes.yaxis.set_major_formatter(FuncFormatter(short_amount))


def _paint_ablation(fits: list[StudyFit], axes: Axes) -> None:
    places, ends = range(len(fits)), [fit.compared or (0.0, 0.0, 0.0) for fit in fits]
    axes.barh(places, [end[0] for end in ends], height=0.7, color=COLOR["first"], alpha=0.6)
    axes.hlines(places, [end[1] for end in ends], [end[2] for end in ends], color=COLOR["ink"], linewidth=1.5)
    axes.axvline(0, color=COLOR["ink"], linewidth=1)
    axes.set_yticks(places, [fit.name for fit in fits])
    axes.set(ylim=(len(fits) - 0.4, -0.6), xlabel="all features lower the RMSE by")
    axes.xaxis.set_major_formatter(FuncFormatter(short_percent))
    axes.grid(visible=False, axis="y")
