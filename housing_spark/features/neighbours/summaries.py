"""What the nearest sales say about a home: their prices, how far away and how much alike in price they are."""

from collections.abc import Mapping, Sequence

import numpy as np

from housing_spark.features.neighbours.nearest import Nearest, Numbers

_SPREAD_OF = 10
_DISTANCES = (5, 20)


def summary_names(space: str, counts: Sequence[int], per: str | None) -> tuple[str, ...]:
    """The names of what ``summaries`` gives.

    Args:
        space: What nearness means.
        counts: Numbers of neighbours.
        per: The feature that prices are compared by; ``None``: there is none.
    """
    most = max(counts)
    relative = () if per is None else (f"{space}__price_by_{per}",)
    means = tuple(f"{space}__price_{count}" for count in counts)
    distances = tuple(f"{space}__distance_{count}" for count in _DISTANCES if count <= most)
    return (*means, f"{space}__price_weighted", f"{space}__price_spread", *distances, *relative)


def without_neighbours(prices: Numbers, extent: float, counts: Sequence[int], per: str | None) -> Numbers:
    """What stands where ``summaries`` has nothing to say: ordinary prices, as far away as sales lie apart.

    Args:
        prices: Of the reference rows.
        extent: The largest distance that there may be.
        counts: As for ``summary_names``.
        per: The same.

    Returns:
        In the order of ``summary_names``, shape (names,).
    """
    low, middle, high = np.quantile(prices, [0.25, 0.5, 0.75])
    distances = [extent for count in _DISTANCES if count <= max(counts)]
    relative = [] if per is None else [middle]
    return np.array([*(middle for _ in counts), middle, (high - low) / 2, *distances, *relative])


def summaries(nearest: Nearest, prices: Numbers, counts: Sequence[int], per: tuple[Numbers, Numbers] | None) -> Numbers:
    """Numbers about each row's neighbours, in the order of ``summary_names``; NaN where it has none.

    Where a row has fewer neighbours than asked for, those that it has count. Where it lacks the feature, their
    plain mean stands for the price by it.

    Args:
        nearest: Neighbours by distance, as many as the largest count.
        prices: Of the reference rows, shape (reference rows,).
        counts: Numbers of neighbours.
        per: The feature that prices are compared by: of the reference rows, and of the rows.

    Returns:
        Shape (rows, names).
    """
    prices_of, distances = _taken(prices, nearest), np.where(nearest.places < 0, np.nan, nearest.distances)
    columns = [_mean(prices_of[:, :count]) for count in counts]
    columns += [_weighted(prices_of, distances), _spread(prices_of[:, :_SPREAD_OF])]
    columns += [distances[:, count - 1] for count in _DISTANCES if count <= max(counts)]
    if per is not None:
        reference, own = per
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = (prices_of / _taken(reference, nearest))[:, :_SPREAD_OF]
        by_feature = _mean(np.where(np.isfinite(ratios), ratios, np.nan)) * own
        columns.append(np.where(np.isfinite(by_feature), by_feature, _mean(prices_of[:, :_SPREAD_OF])))
    return np.column_stack(columns)


def means(nearest: Nearest, features: Mapping[str, Numbers], count: int) -> Numbers:
    """The mean of each feature over the first neighbours, shape (rows, features)."""
    few = nearest.closest(count)
    columns = [_mean(_taken(values, few)) for values in features.values()]
    return np.column_stack(columns) if columns else np.empty((len(nearest.places), 0))


def _taken(values: Numbers, nearest: Nearest) -> Numbers:
    return np.where(nearest.places < 0, np.nan, values[nearest.places])


def _mean(values: Numbers) -> Numbers:
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        found: Numbers = np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
    return found


def _spread(values: Numbers) -> Numbers:
    """The standard deviation."""
    return np.sqrt(_mean((values - _mean(values)[:, None]) ** 2))


def _weighted(prices: Numbers, distances: Numbers) -> Numbers:
    """The mean by inverse distance; what is nearer than a tenth of the farthest counts as if it were there."""
    farthest = np.where(np.isnan(distances), -1.0, distances).max(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = 1.0 / np.maximum(distances, 0.1 * farthest)
        weights = np.where(np.isinf(weights), 1.0, weights)  # all of them are here
        found: Numbers = np.nansum(weights * prices, axis=1) / np.nansum(weights, axis=1)
    return found
