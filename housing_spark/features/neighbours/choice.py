"""Which features say of homes what their place does not: they make homes alike, and neighbours are asked for them."""

from collections.abc import Mapping

import numpy as np

from housing_spark.features.neighbours.nearest import NearestIndex, Numbers, Points, Whole
from housing_spark.features.neighbours.space import nudged, quantiles, ranked
from housing_spark.features.neighbours.summaries import means

_ROWS = 20_000
_NEIGHBOURS = 10
_LEAST = 1e-3  # a correlation; below it lies chance


def most_telling(
    ground: Numbers, keys: Whole, features: Mapping[str, Numbers], prices: Numbers, count: int
) -> list[str]:
    """The names of the features that explain why a home is dearer than its neighbours, in falling order.

    Each is the one that goes most with what those before it leave unexplained (orthogonal matching pursuit: Pati et
    al., Asilomar 1993). Features and prices are taken as ranks, less the mean of the ten homes that lie nearest.

    Args:
        ground: Where the homes are, shape (rows, dimensions), finite; the first 20,000 count.
        keys: Hashes of the rows' keys, in whose order the rows are; they break ties.
        features: By name, shape (rows,).
        prices: Shape (rows,).
        count: At most so many names.
    """
    rows = slice(_ROWS)
    ranks = {name: ranked(values[rows], quantiles(values[rows])) for name, values in {**features, "": prices}.items()}
    extent = float(np.linalg.norm(np.ptp(ground[rows], axis=0)))
    points = Points(nudged(ground[rows], keys[rows], 0, extent), np.arange(len(keys[rows]))[:, None], None)
    nearest = NearestIndex(points).nearest(points, _NEIGHBOURS)
    beyond = np.nan_to_num(np.column_stack(list(ranks.values())) - means(nearest, ranks, _NEIGHBOURS))
    names, beyond = sorted(features), beyond - beyond.mean(axis=0)
    columns = dict(zip(ranks, beyond.T, strict=True))
    return _pursued({name: columns[name] for name in names}, columns[""], count)


def _pursued(columns: Mapping[str, Numbers], target: Numbers, count: int) -> list[str]:
    chosen: list[str] = []
    unexplained = target
    while len(chosen) < count:
        found = {name: _correlation(column, unexplained) for name, column in columns.items() if name not in chosen}
        best = max(found, key=lambda name: found[name], default=None)  # of equal ones the first by name
        if best is None or found[best] < _LEAST:
            break
        chosen.append(best)
        matrix = np.column_stack([columns[name] for name in chosen])
        unexplained = target - matrix @ np.linalg.lstsq(matrix, target, rcond=None)[0]
    return chosen


def _correlation(column: Numbers, other: Numbers) -> float:
    """Without a sign, of numbers with mean 0, to nine digits; 0 where one of them does not vary."""
    size = float(np.sqrt((column @ column) * (other @ other)))
    return round(abs(float(column @ other)) / size, 9) if size > 0 else 0.0
