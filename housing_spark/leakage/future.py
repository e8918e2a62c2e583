"""Features that know later prices: they tell what homes nearby sell for after a sale better than before it.

A trait of a home or of its place tells both alike, and a feature made from past sales tells the earlier ones better.
Each sale is set beside the mean logarithm of the price of the five nearest sales of the half year after it, and of the
half year before. The feature's correlation with the later mean, the earlier one held fixed, less the same the other way
round, is 0 for a trait.
"""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree  # type: ignore[import-untyped]  # SciPy has no types

from housing_spark.leakage.findings import Finding
from housing_spark.leakage.sample import Floats, Sample, ranks
from housing_spark.settings.leakage import Leakage

_HALF_YEAR, _STEP = 182 * 86_400.0, 30 * 86_400.0
_NEAREST, _FEWEST, _FEWEST_ROWS = 5, 20, 300


def foretelling_features(sample: Sample, settings: Leakage) -> Iterator[Finding]:
    """Features that tell later prices nearby better than earlier ones; none where sales have no time and place."""
    if sample.seconds is None or sample.place is None or (sample.label <= 0).any():
        return
    earlier, later = _around(sample.place, np.log(sample.label), sample.seconds)
    for name, values in sample.numbers.items():
        is_known = ~np.isnan(values) & ~np.isnan(earlier) & ~np.isnan(later)
        if is_known.sum() >= _FEWEST_ROWS:
            lead = foresight(values[is_known], earlier[is_known], later[is_known])
            if lead > settings.max_future:
                yield Finding("future", name, lead, settings.max_future)


def foresight(values: Floats, earlier: Floats, later: Floats) -> float:
    """How much more a feature tells of later prices than of earlier ones, as a difference of partial correlations."""
    one, before, after = ranks(values), ranks(earlier), ranks(later)
    if not one.std():
        return 0.0
    return abs(_partial(one, after, before)) - abs(_partial(one, before, after))


def _partial(one: Floats, other: Floats, given: Floats) -> float:
    both, first, second = (np.corrcoef(*pair)[0, 1] for pair in ((one, other), (one, given), (other, given)))
    return float((both - first * second) / np.sqrt(max((1 - first**2) * (1 - second**2), 1e-12)))


def _around(place: Floats, log_price: Floats, seconds: Floats) -> tuple[Floats, Floats]:
    """Mean of the nearest earlier and of the nearest later sales of each; NaN where there are too few.

    Sales of one month are asked at once: what is earlier or later lies outside of their month.
    """
    earlier, later = np.full(len(seconds), np.nan), np.full(len(seconds), np.nan)
    is_placed = ~np.isnan(place).any(axis=1) & ~np.isnan(seconds)
    month = np.where(is_placed, (seconds - np.nanmin(seconds)) // _STEP, -1)
    for number in np.unique(month[is_placed]):
        asked = month == number
        start = np.nanmin(seconds) + number * _STEP
        before = is_placed & (seconds < start) & (seconds >= start - _HALF_YEAR)
        after = is_placed & (seconds >= start + _STEP) & (seconds < start + _STEP + _HALF_YEAR)
        for means, known in ((earlier, before), (later, after)):
            if known.sum() >= _FEWEST:
                _, nearest = cKDTree(place[known]).query(place[asked], _NEAREST)
                means[asked] = log_price[known][nearest].mean(axis=1)
    return earlier, later
