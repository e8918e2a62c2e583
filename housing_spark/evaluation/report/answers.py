"""The first screen: a headline, and three questions answered with figures."""

from housing_spark.evaluation.report.facts import Facts, Slice
from housing_spark.evaluation.report.words import band_name, wilson
from housing_spark.pages import Answer
from housing_spark.pages.words import amount, percent, shortened

# Ten bands are tested at once: at 99 % each, a sound range is called weak in one report of twenty.
_Z_OF_BANDS = 2.576


_KINDS = {"gbt": "Gradient boosting", "random_forest": "A random forest", "elastic_net": "An elastic net"}


def headline(facts: Facts) -> str:
    """What the model is, and whether it is worth having, in two sentences."""
    figures = facts.figures
    gain = 1 - figures["rmse"] / figures["rmse_ols"]
    compared = f"{percent(abs(gain), 0)} {'smaller' if gain > 0 else 'larger'} than that of least squares"
    trees = f" with {facts.trees} trees" if facts.trees else ""
    return (
        f"{_KINDS[facts.estimator]}{trees}, judged once on {facts.errors.rows:,} rows of the data that it never saw. "
        f"Its error there (RMSE, {amount(figures['rmse'], facts.currency)}) is {compared} on the raw numbers."
    )


def answers(facts: Facts) -> tuple[Answer, ...]:
    """How wrong, where worst, and whether the range holds."""
    return (_typical(facts), _worst(facts), _trust(facts))


def _typical(facts: Facts) -> Answer:
    middle, price = facts.figures["median_ape"], facts.errors.median_label
    words = (
        f"Half of the prices are closer than this to the true price; at the median price of "
        f"{amount(price, facts.currency)} that is {amount(middle * price, facts.currency)}. "
        f"{percent(facts.figures['within_10_percent'], 0)} of the rows are within {percent(0.1, 0)}, "
        f"{percent(facts.figures['within_20_percent'], 0)} within {percent(0.2, 0)}."
    )
    figure = f"{percent(middle)}, or {amount(middle * price, facts.currency)}"
    return Answer("How wrong is it for a typical house?", figure, words, "plain")


def _worst(facts: Facts) -> Answer:
    bands = facts.errors.bands
    band = max(bands, key=lambda one: one.median_ape)
    found = [(band.median_ape, band_name(facts.errors, band, facts.currency), "a predicted price of ", band.rows)]
    if facts.segments:
        one = max(facts.segments, key=lambda one: one.median_ape)
        found.append((one.median_ape, one.value, f"{one.column} ", one.rows))
    (error, where, kind, rows), *others = sorted(found, key=lambda one: -one[0])
    least = min(bands, key=lambda one: one.median_ape)
    following = "".join(f" Next: {kind}{where}, {percent(error)}." for error, where, kind, _ in others)
    words = (
        f"Typical error of the {rows:,} test rows with {kind}{where}.{following} Best: a predicted price of "
        f"{band_name(facts.errors, least, facts.currency)}, {percent(least.median_ape)}."
    )
    return Answer("Where is it worst?", f"{shortened(where)}: {percent(error)}", words, "plain")


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
    held, band = percent(worst.inside / worst.rows, 0), band_name(facts.errors, worst, facts.currency)
    return f"Weakest: {held} of the {worst.rows:,} rows with a predicted price of {band}."
