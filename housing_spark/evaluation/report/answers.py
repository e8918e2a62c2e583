"""The first screen: a headline, and three questions answered with figures."""

from dataclasses import dataclass

from housing_spark.evaluation.report.facts import Facts, Slice
from housing_spark.evaluation.report.words import amount, band_name, percent, wilson

# Ten bands are tested at once: at 99 % each, a sound range is called weak in one report of twenty.
_Z_OF_BANDS = 2.576


@dataclass(frozen=True)
class Answer:
    """A reader's question and what was measured; ``tone`` is good, fair or poor."""

    question: str
    figure: str
    words: str
    tone: str


def headline(facts: Facts) -> str:
    """What the model is, and whether it is worth having, in two sentences."""
    figures = facts.figures
    gain = 1 - figures["rmse"] / figures["rmse_ols"]
    compared = f"{percent(abs(gain), 0)} {'smaller' if gain > 0 else 'larger'} than least squares on the raw numbers"
    trees = f" of {facts.trees} trees" if facts.trees else ""
    return (
        f"A {facts.estimator.replace('_', ' ')} model{trees}, judged once on {facts.errors.rows:,} sales that it "
        f"never saw. Its error (RMSE, {amount(figures['rmse'], facts.currency)}) is {compared}."
    )


def answers(facts: Facts) -> tuple[Answer, ...]:
    """How wrong, where worst, and whether the range holds."""
    return (_typical(facts), _worst(facts), _trust(facts))


def _typical(facts: Facts) -> Answer:
    middle, price = facts.figures["median_ape"], facts.errors.median_label
    words = (
        f"Half of the prices are closer than this to the true price. At the median price of "
        f"{amount(price, facts.currency)} that is {amount(middle * price, facts.currency)}. "
        f"{percent(facts.figures['within_10_percent'], 0)} of the sales are within 10{chr(160)}%, "
        f"{percent(facts.figures['within_20_percent'], 0)} within 20{chr(160)}%."
    )
    return Answer("How wrong is it for a typical house?", percent(middle), words, "plain")


def _worst(facts: Facts) -> Answer:
    bands = facts.errors.bands
    band = max(bands, key=lambda one: one.median_ape)
    in_band = f"homes priced {band_name(facts.errors, band, facts.currency)}"
    if not facts.segments:
        return _worst_of(in_band, band.median_ape, band.rows, "")
    segment = max(facts.segments, key=lambda one: one.median_ape)
    in_segment = f"{segment.column} {segment.value}"
    if segment.median_ape >= band.median_ape:
        return _worst_of(in_segment, segment.median_ape, segment.rows, _second(in_band, band.median_ape))
    return _worst_of(in_band, band.median_ape, band.rows, _second(in_segment, segment.median_ape))


def _worst_of(where: str, error: float, rows: int, second: str) -> Answer:
    words = f"Typical error of {where} ({rows:,} test sales).{second}"
    return Answer("Where is it worst?", percent(error), words, "plain")


def _second(where: str, error: float) -> str:
    return f" Next: {where}, {percent(error)}."


def _trust(facts: Facts) -> Answer:
    errors, level = facts.errors, facts.level
    inside = sum(band.inside for band in errors.bands)
    rows = sum(band.rows for band in errors.bands)
    worst = min(errors.bands, key=lambda band: band.inside / band.rows)
    is_short = wilson(inside, rows)[1] < level
    weak = [band for band in errors.bands if wilson(band.inside, band.rows, _Z_OF_BANDS)[1] < level]
    verdict, tone = ("No", "poor") if is_short else ("Not everywhere", "fair") if weak else ("Yes", "good")
    words = (
        f"The range promises {percent(level, 0)} and held {percent(facts.figures['coverage'])} of {rows:,} test "
        f"prices. {_weakest(facts, worst)}"
    )
    return Answer("May I trust the range?", verdict, words, tone)


def _weakest(facts: Facts, worst: Slice) -> str:
    held = percent(worst.inside / worst.rows, 0)
    return f"Weakest: {held} of the {worst.rows:,} homes priced {band_name(facts.errors, worst, facts.currency)}."
