"""Which of the telling features make homes alike: those with which the prices of others tell a home's own best."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from housing_spark.features.neighbours.facts import IDENTITIES
from housing_spark.features.neighbours.kriging import kriged
from housing_spark.features.neighbours.reference import Reference, Rows
from housing_spark.features.neighbours.space import Space, quantiles

_ROWS, _ASKING = 20_000, 2_000
_NEIGHBOURS = 30
_KIND = 0


def left_alike(sample: pa.Table, location: Sequence[str], ground: Space, names: Sequence[str], count: int) -> list[str]:
    """So many of the names, in their order: one after another, the one that is missed least is left out.

    Prices of 2,000 homes are kriged without their own among the others; the root mean square of what they miss by is
    compared (backward elimination: Guyon and Elisseeff 2003, Journal of Machine Learning Research 3, section 4.2).

    Args:
        sample: Reference rows, placed, in the order of their keys' hashes; the first 20,000 count.
        location: The two coordinate columns.
        ground: Of places alone; its unit is how far the place counts.
        names: Features.
        count: How many are left.
    """
    kept = list(names)
    reference = Reference(sample.slice(0, _ROWS), location, names, lag=None)
    asking = _first_rows(reference)
    grids = {name: quantiles(reference.column(name)) for name in names}
    while len(kept) > count:
        subsets = [[one for one in kept if one != name] for name in kept]
        errors = [_error(reference, asking, _space(ground, grids, subset), subset) for subset in subsets]
        kept = subsets[int(np.argmin(errors))]  # of equal ones the first
    return kept


def _space(ground: Space, grids: Mapping[str, tuple[float, ...]], alike: Sequence[str]) -> Space:
    return Space(ground.is_flat, ground.unit, tuple(grids[name] for name in alike))


def _error(reference: Reference, asking: Rows, space: Space, alike: Sequence[str]) -> float:
    space = space.around(asking.coordinates, asking.features[:, [reference.features.index(one) for one in alike]])
    index = reference.index(space, alike, _KIND)
    nearest = reference.nearest(index, space, asking, alike, _NEIGHBOURS)
    missed = kriged(nearest, index.reference.positions, reference.prices) - reference.prices[:_ASKING]
    return round(float(np.sqrt(np.nanmean(missed**2))), 6)


def _first_rows(reference: Reference) -> Rows:
    """Some of the reference rows, as rows that ask."""
    rows = slice(_ASKING)
    coordinates, features, identities = (
        np.column_stack([reference.given[name].to_numpy()[rows] for name in names])
        for names in (reference.location, reference.features, IDENTITIES)
    )
    return Rows(coordinates, features, identities, np.zeros(len(coordinates), np.int64))
