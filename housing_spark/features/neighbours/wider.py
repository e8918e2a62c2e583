"""What homes of a kind fetch further away: prices kriged among homes alike, the place counting for less.

They are looked for in a sample of bounded size, so that neither blocks nor halos are needed: what is far away need not
be looked for among all sales.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from housing_spark.features.neighbours.facts import Facts, space_of
from housing_spark.features.neighbours.kriging import kriged
from housing_spark.features.neighbours.nearest import NearestIndex, Numbers
from housing_spark.features.neighbours.reference import Reference, Rows
from housing_spark.features.neighbours.space import Space

_FIRST_KIND = 2  # how ties are broken: the spaces of the nearest by place, and of those alike, have 0 and 1


@dataclass(frozen=True)
class WiderFacts:
    """What is looked for.

    Attributes:
        location: The two coordinate columns.
        features: Numeric features that, with the place, make homes alike.
        spaces: Of places and these, by how far along the ground a unit reaches.
        count: Neighbours whose prices are kriged.
        lag: Time between a sale and the first row that may know of it, microseconds; ``None``: time does not count.
        usual: What stands where neighbours say nothing.
    """

    location: tuple[str, str]
    features: tuple[str, ...]
    spaces: tuple[Space, ...]
    count: int
    lag: int | None
    usual: float

    @classmethod
    def beside(cls, facts: Facts, stretches: Sequence[float], sample: pa.Table) -> "WiderFacts":
        """Spaces of homes alike, in which a unit reaches so many times as far along the ground.

        Args:
            facts: What is looked for nearby.
            stretches: How many times.
            sample: The reference rows.
        """
        reference = Reference(sample, facts.location, facts.alike, facts.lag)
        wide = [replace(facts.mixed, unit=facts.mixed.unit * stretch) for stretch in stretches]
        boxes = (np.ptp(reference.positions(space, facts.alike), axis=0) for space in wide)
        spaces = tuple(replace(one, extent=float(np.linalg.norm(box))) for one, box in zip(wide, boxes, strict=True))
        usual = float(np.median(reference.prices))
        return cls(facts.location, facts.alike, spaces, facts.kriging_count, facts.lag, usual)

    @property
    def blocks(self) -> None:
        """There are none."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that the model adds."""
        return tuple(f"alike__price_kriged_wide_{number}" for number in range(1, len(self.spaces) + 1))

    def to_json(self) -> dict[str, Any]:
        """For JSON; ``from_json`` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "WiderFacts":
        """The facts back from JSON."""
        tuples = {name: tuple(values[name]) for name in ("location", "features")}
        return cls(**(values | tuples | {"spaces": tuple(map(space_of, values["spaces"]))}))


class WiderLookup:
    """Reference rows, ready to be asked in every space."""

    def __init__(self, facts: WiderFacts, reference: pa.Table) -> None:
        """Take the reference rows: columns as ``Reference`` has them."""
        self._facts = facts
        self._reference = Reference(reference, facts.location, facts.features, facts.lag)

    def describe(self, rows: Rows) -> Numbers:
        """Kriged prices of rows, shape (rows, spaces); what is usual where there is no neighbour."""
        facts, reference = self._facts, self._reference
        found = np.full((len(rows.coordinates), len(facts.spaces)), np.nan)
        is_placed = ~np.isnan(reference.positions_of(rows, facts.spaces[0], facts.features)[:, 0])
        asking = rows.of(is_placed)
        for place, (space, index) in enumerate(zip(facts.spaces, self._indexes, strict=True)):
            nearest = reference.nearest(index, space, asking, facts.features, facts.count)
            found[is_placed, place] = kriged(nearest, index.reference.positions, reference.prices)
        return np.where(np.isfinite(found), found, facts.usual)

    @cached_property
    def _indexes(self) -> list[NearestIndex]:
        kinds = enumerate(self._facts.spaces, _FIRST_KIND)
        return [self._reference.index(space, self._facts.features, kind) for kind, space in kinds]
