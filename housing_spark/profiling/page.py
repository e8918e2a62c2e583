"""The profile of a dataset as a page: its score and three answers first, then columns, gaps and reasons."""

from dataclasses import dataclass
from functools import partial

from housing_spark.pages import Answer, FactTable, Page, Picture, Section
from housing_spark.pages.bars import bars_height
from housing_spark.pages.words import amount, percent
from housing_spark.profiling import plots
from housing_spark.profiling.facts import Arrival, ColumnProfile, Profile, Score

_GOOD, _FAIR = 0.98, 0.90
_MOST_GAPS, _MOST_DRAWN, _MOST_CORRELATED = 15, 12, 18


@dataclass(frozen=True)
class Survey:
    """All that the page says; ``drawn`` names the columns that matter most, which get a picture each."""

    dataset: str
    description: str
    made: str
    profile: Profile
    arrival: Arrival
    score: Score
    drawn: tuple[str, ...]


def profile_page(survey: Survey) -> Page:
    """The page of a survey."""
    profile, arrival = survey.profile, survey.arrival
    headline = (
        f"{profile.rows:,} accepted rows in {len(profile.columns)} columns, of {arrival.raw:,} rows that arrived. "
        f"Quality score {percent(survey.score.overall)}: the mean of {len(survey.score.parts)} parts, each below."
    )
    parts = (_score(survey), _gaps(survey), _columns(survey), _together(survey), _all_columns(profile))
    sections = tuple(part for part in parts if part is not None)
    return Page(f"{survey.dataset}: the data", headline, _answers(survey), survey.description, sections, survey.made)


def _answers(survey: Survey) -> tuple[Answer, ...]:
    score, arrival = survey.score, survey.arrival
    tone = "good" if score.overall >= _GOOD else "fair" if score.overall >= _FAIR else "poor"
    weakest = min(score.parts, key=lambda name: score.parts[name])
    gap = max(survey.profile.columns, key=lambda column: column.missing)
    share = gap.missing / survey.profile.rows if survey.profile.rows else 0.0
    words = f"Weakest part, {weakest}: {score.words[weakest]}."
    reasons = "".join(f" Most often: {code} on {column} ({rows:,})." for code, column, rows in arrival.reasons[:1])
    aside = (
        f"Refused: {arrival.refused:,}; replaced by a later row of the same key: {arrival.superseded:,}; exact "
        f"duplicates: {arrival.duplicates:,}.{reasons}"
    )
    return (
        Answer("How good is the data?", percent(score.overall), words, tone),
        Answer("Where are the gaps?", f"{gap.name}: {percent(share)}", f"{gap.comment}: {gap.missing:,} rows lack it, "
               "more than any other column.", "plain"),
        Answer("What was set aside?", f"{arrival.raw - arrival.clean:,} rows", aside, "plain"),
    )  # fmt: skip


def _score(survey: Survey) -> Section:
    rows = tuple((name, percent(share), survey.score.words[name]) for name, share in survey.score.parts.items())
    tables = [FactTable("Parts of the score", ("part", "share", "made of"), rows)]
    if survey.arrival.reasons:
        reasons = tuple((code, column, f"{rows:,}") for code, column, rows in survey.arrival.reasons)
        tables.append(FactTable("Reasons against refused rows", ("code", "column or rule", "rows"), reasons))
    paint = partial(plots.score_parts, survey.score)
    picture = Picture.drawn("score", "Quality score", "The mean of its parts.", paint, bars_height(len(rows) + 1))
    words = "Each part is a share that can be computed again from the tables; the score is their mean."
    return Section("score", "How good is the data?", words, (picture,), tuple(tables))


def _gaps(survey: Survey) -> Section | None:
    worst = sorted((one for one in survey.profile.columns if one.missing), key=lambda one: -one.missing)[:_MOST_GAPS]
    if not worst:
        return None
    paint = partial(plots.gaps, worst, survey.profile.rows)
    picture = Picture.drawn("gaps", "Missing values", "Share of accepted rows.", paint, bars_height(len(worst)))
    return Section("gaps", "Where are the gaps?", "Columns with the most missing values.", (picture,))


def _columns(survey: Survey) -> Section:
    by_name = {column.name: column for column in survey.profile.columns}
    pictures = [_picture(by_name[name], survey.profile.rows) for name in survey.drawn if name in by_name]
    shown = tuple(picture for picture in pictures if picture is not None)[:_MOST_DRAWN]
    words = "The price and what a model looks at first. The line is the median; outermost bars hold the rest."
    return Section("columns", "What do the columns hold?", words, shown)


def _picture(column: ColumnProfile, rows: int) -> Picture | None:
    if column.bars:
        return Picture.drawn(f"column_{column.name}", column.name, column.comment, partial(plots.histogram, column))
    if column.top:
        paint = partial(plots.frequent_values, column, rows)
        return Picture.drawn(f"column_{column.name}", column.name, column.comment, paint, bars_height(len(column.top)))
    return None


def _together(survey: Survey) -> Section | None:
    pairs = survey.profile.pairs
    names = list(dict.fromkeys(name for pair in pairs for name in (pair.first, pair.second)))[:_MOST_CORRELATED]
    shown = [pair for pair in pairs if pair.first in names and pair.second in names]
    if not shown:
        return None
    caption = "The stronger the colour, the closer two numbers move together (Pearson); + and - from 0.5 on."
    paint = partial(plots.correlations, names, shown)
    picture = Picture.drawn("correlations", "Correlations", caption, paint, 4.2)
    rows = tuple((pair.first, pair.second, f"{pair.correlation:+.2f}") for pair in pairs[:20])
    table = FactTable("The strongest pairs", ("column", "column", "correlation"), rows, is_folded=True)
    return Section("together", "What moves together?", "A gap counts as the column's mean.", (picture,), (table,))


def _all_columns(profile: Profile) -> Section:
    rows = tuple(_row(column, profile.rows) for column in profile.columns)
    header = ("column", "type", "missing", "distinct, about", "lowest", "median", "highest", "most frequent", "meaning")
    words = f"Measured in {profile.passes} passes over the accepted rows."
    return Section("all", "Every column", words, (), (FactTable("Every column", header, rows, is_folded=True),))


def _row(column: ColumnProfile, rows: int) -> tuple[str, ...]:
    numbers = (column.low, column.quantiles.get(0.5), column.high)
    top = f"{column.top[0][0]} ({percent(column.top[0][1] / rows)})" if column.top and rows else ""
    share = percent(column.missing / rows) if rows else ""
    ends = ("" if number is None else amount(number) for number in numbers)
    return (column.name, column.type, share, f"{column.distinct:,}", *ends, top, column.comment)
