"""What a single feature tells of the price: its strength, its gaps, and whether that holds from training to test rows.

A feature's strength is the share of the variance of the prices' ranks that means over its values explain: means of one
half of the rows, judged on the other, so that many values explain nothing by chance. After the leakage checks of
Kaufman, Rosset, Perlich and Stitelman (ACM Transactions on Knowledge Discovery from Data 6, 2012): what is too good to
be true is looked at first.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from housing_spark.leakage.findings import Finding
from housing_spark.leakage.sample import Floats, Sample, ranks
from housing_spark.settings.leakage import Leakage

_BINS, _FEWEST_GAPS, _FEWEST_ROWS = 100, 20, 100
_Z = 6.0  # of a shift: no chance, however many features there are


def strong_features(sample: Sample, settings: Leakage) -> Iterator[Finding]:
    """Features that explain the order of prices alone."""
    for name, values in _all_codes(sample):
        found = strength(values, sample.rank)
        if found > settings.max_strength:
            yield Finding("strength", name, found, settings.max_strength)


def telling_gaps(sample: Sample, settings: Leakage) -> Iterator[Finding]:
    """Features whose gaps tell dear homes from cheap ones: the area under the ROC curve, or one less it."""
    gaps = {name: np.isnan(values) for name, values in sample.numbers.items()}
    gaps |= {name: codes < 0 for name, codes in sample.codes.items()}
    for name, is_gap in gaps.items():
        if min(is_gap.sum(), (~is_gap).sum()) >= _FEWEST_GAPS:
            area = _area(sample.rank, is_gap)
            if max(area, 1 - area) > settings.max_missing:
                yield Finding("missing", name, max(area, 1 - area), settings.max_missing)


def shifting_features(sample: Sample, settings: Leakage) -> Iterator[Finding]:
    """Features whose rank correlation with the price is lost from training rows to test rows."""
    for name, values in sample.numbers.items():
        is_known = ~np.isnan(values)
        parts = [is_known & part for part in (sample.is_training, sample.is_test)]
        if min(part.sum() for part in parts) >= _FEWEST_ROWS:
            here, there = (_correlation(values[part], sample.label[part]) for part in parts)
            error = np.sqrt(sum(1 / (part.sum() - 3) for part in parts))
            lost = abs(here) - abs(there)
            if lost > settings.max_shift and abs(np.arctanh(here) - np.arctanh(there)) > _Z * error:
                yield Finding("shift", name, float(lost), settings.max_shift)


def strength(codes: NDArray[np.int64], rank: Floats) -> float:
    """Share of the variance of ranks that means by code explain, out of sample; not below 0."""
    half = np.arange(len(rank)) % 2 == 0
    explained = np.empty(len(rank))
    size = int(codes.max()) + 2
    for seen in (half, ~half):
        sums = np.bincount(codes[seen] + 1, rank[seen], size)
        counts = np.bincount(codes[seen] + 1, minlength=size)
        mean = rank[seen].mean()
        means = np.where(counts > 0, sums / np.maximum(counts, 1), mean)
        explained[~seen] = means[codes[~seen] + 1]
    return max(0.0, 1 - float(np.mean((rank - explained) ** 2) / np.var(rank)))


def _all_codes(sample: Sample) -> Iterator[tuple[str, NDArray[np.int64]]]:
    yield from sample.codes.items()
    for name, values in sample.numbers.items():
        yield name, _binned(values)


def _binned(values: Floats) -> NDArray[np.int64]:
    """A hundred bins of equally many rows; -1 where the value is missing."""
    is_known = ~np.isnan(values)
    codes = np.full(len(values), -1)
    codes[is_known] = np.minimum((ranks(values[is_known]) * _BINS).astype(np.int64), _BINS - 1)
    return codes


def _area(rank: Floats, is_gap: NDArray[np.bool_]) -> float:
    """Probability that a row with a gap is dearer than one without (Mann and Whitney, 1947)."""
    gaps, rest = is_gap.sum(), (~is_gap).sum()
    places = rank * len(rank) + 0.5
    return float((places[is_gap].sum() - gaps * (gaps + 1) / 2) / (gaps * rest))


def _correlation(values: Floats, label: Floats) -> float:
    """Spearman's; 0 where all values are the same."""
    one, other = ranks(values), ranks(label)
    if not one.std() or not other.std():
        return 0.0
    return float(np.clip(np.corrcoef(one, other)[0, 1], -0.999999, 0.999999))
