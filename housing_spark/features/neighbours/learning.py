"""What is learned of training rows before any is kept: which features count, how far is far, what is usual."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from housing_spark.features.neighbours.choice import most_telling
from housing_spark.features.neighbours.elimination import left_alike
from housing_spark.features.neighbours.facts import KEY, PRICE, Facts
from housing_spark.features.neighbours.nearest import Numbers
from housing_spark.features.neighbours.space import Space, quantiles, spread
from housing_spark.features.neighbours.summaries import without_neighbours
from housing_spark.features.place import Place
from housing_spark.settings.features import Neighbours

_DAY = 86_400_000_000


def learn_facts(sample: pa.Table, place: Place, features: Sequence[str], settings: Neighbours) -> Facts:
    """What neighbours are asked for.

    Args:
        sample: Reference rows, placed, in the order of their keys' hashes: all, or a share that these choose.
        place: Where homes are, and whether only earlier sales count.
        features: Numeric features of homes.
        settings: How many neighbours, and which features make homes alike.
    """
    coordinates, ground = _numbers(sample, place.columns), Space(place.is_flat, 1.0, ())
    chosen = _chosen(sample, ground.positions(coordinates, _numbers(sample, ())), features, settings)
    alike = settings.alike or _alike(sample, place, chosen, settings)
    grids = tuple(quantiles(sample[name].to_numpy()) for name in alike)
    mixed = Space(place.is_flat, settings.reach * spread(coordinates, is_flat=place.is_flat), grids)
    spaces = ground.around(coordinates, _numbers(sample, ())), mixed.around(coordinates, _numbers(sample, alike))
    per = alike[0] if alike else None
    prices = sample[PRICE].to_numpy()
    near, there = (without_neighbours(prices, space.extent, settings.counts, per) for space in spaces)
    means = np.nan_to_num([np.nanmedian(sample[name].to_numpy()) for name in chosen])
    is_kriged = bool(alike and settings.kriging_count)
    kriged = [np.median(prices)] * 2 if is_kriged else []
    usual = tuple(np.concatenate([near, means, there if alike else [], kriged]).tolist())
    counts = settings.counts, settings.mean_count, settings.lag_days * _DAY if place.is_timed else None
    return Facts(place.columns, chosen, alike, per, *counts, *spaces, settings.kriging_count, usual, is_kriged)


def _alike(sample: pa.Table, place: Place, chosen: Sequence[str], settings: Neighbours) -> tuple[str, ...]:
    """Those of the chosen features that make homes alike, where the settings name none."""
    reach = max((settings.reach, *settings.wide_reaches[:1]))  # the place must not tell what they would
    unit = reach * spread(_numbers(sample, place.columns), is_flat=place.is_flat)
    ground = Space(place.is_flat, unit, ())
    return tuple(left_alike(sample, place.columns, ground, chosen, settings.alike_count))


def _chosen(sample: pa.Table, ground: Numbers, features: Sequence[str], settings: Neighbours) -> tuple[str, ...]:
    """The features that neighbours are asked for: those named as alike, and those that tell most of the price."""
    columns = {name: sample[name].to_numpy() for name in features}
    keys, prices = sample[KEY].to_numpy(), sample[PRICE].to_numpy()
    found = most_telling(ground, keys, columns, prices, settings.feature_count)
    return tuple(dict.fromkeys((*settings.alike, *found)))


def _numbers(sample: pa.Table, names: Sequence[str]) -> Numbers:
    """Columns side by side, shape (rows, names)."""
    return np.column_stack([np.empty((len(sample), 0)), *(sample[name].to_numpy() for name in names)])
