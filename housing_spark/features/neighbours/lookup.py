"""Everything that a saved model knows of its neighbours, and what it says of other rows. Needs no Spark."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from housing_spark.features.neighbours.nearest import Nearest, NearestIndex, Numbers, Points, Whole
from housing_spark.features.neighbours.space import Space, nudged
from housing_spark.features.neighbours.summaries import means, summaries, summary_names, without_neighbours

# No column of a contract starts with an underscore.
PRICE, KEY, TIME = "_price", "_key", "_time"
IDENTITIES = ("_group", "_content")


@dataclass(frozen=True)
class Facts:
    """What is looked for.

    Attributes:
        location: The two coordinate columns.
        features: Numeric features of reference rows.
        alike: Those that, with the place, make homes alike.
        per: The feature that prices are compared by; ``None``: there is none.
        counts: Numbers of neighbours.
        mean_count: Neighbours whose mean features count.
        lag: Time between a sale and the first row that may know of it, microseconds; ``None``: time does not count.
        near: The space of places.
        mixed: The space of places and alike features.
    """

    location: tuple[str, str]
    features: tuple[str, ...]
    alike: tuple[str, ...]
    per: str | None
    counts: tuple[int, ...]
    mean_count: int
    lag: int | None
    near: Space
    mixed: Space

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that the model adds."""
        return (*self.near_names, *(f"near_mean_{name}" for name in self.features), *self.alike_names)

    @property
    def near_names(self) -> tuple[str, ...]:
        """What is said of the nearest sales."""
        return summary_names("near", self.counts, self.per)

    @property
    def alike_names(self) -> tuple[str, ...]:
        """What is said of the nearest sales of homes alike."""
        return summary_names("alike", self.counts, self.per) if self.alike else ()

    def to_json(self) -> dict[str, Any]:
        """For JSON; ``from_json`` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Facts":
        """The facts back from JSON."""
        tuples = {name: tuple(values[name]) for name in ("location", "features", "alike", "counts")}
        spaces = {name: _space(values[name]) for name in ("near", "mixed")}
        return cls(**(values | tuples | spaces))


@dataclass(frozen=True)
class Rows:
    """Rows to be described; a row that shares an identity with a reference row does not see it.

    Attributes:
        coordinates: Shape (rows, 2).
        features: Shape (rows, features).
        identities: Shape (rows, 2): hashes of the group and of the content.
        times: When a row is priced, microseconds, shape (rows,).
    """

    coordinates: Numbers
    features: Numbers
    identities: Whole
    times: Whole

    def take(self, chosen: NDArray[np.bool_]) -> "Rows":
        """Some of the rows."""
        return Rows(self.coordinates[chosen], self.features[chosen], self.identities[chosen], self.times[chosen])


class Lookup:
    """Reference rows, ready to be asked in both spaces."""

    def __init__(self, facts: Facts, reference: pa.Table) -> None:
        """Take the reference rows.

        Args:
            facts: What is looked for.
            reference: Columns ``_price, _key, _time, _group, _content`` and one for each coordinate and feature.
        """
        self._facts, self._reference = facts, reference

    def describe(self, rows: Rows) -> Numbers:
        """What neighbours say of rows, shape (rows, names of the facts); what is usual where they say nothing."""
        found = np.full((len(rows.coordinates), len(self._facts.names)), np.nan)
        is_placed = ~np.isnan(self._facts.near.positions(rows.coordinates, rows.features)[:, 0])
        found[is_placed] = np.column_stack(self._said_of(rows.take(is_placed)))
        return np.where(np.isfinite(found), found, self._usual)

    @cached_property
    def _usual(self) -> Numbers:
        facts, prices = self._facts, self._column(PRICE)
        means_of = [float(np.nanmedian(self._column(name))) for name in facts.features]
        near = without_neighbours(prices, self._near.extent, facts.near_names)
        if not facts.alike:
            return np.concatenate([near, means_of])
        return np.concatenate([near, means_of, without_neighbours(prices, self._mixed.extent, facts.alike_names)])

    def _said_of(self, rows: Rows) -> list[Numbers]:
        facts = self._facts
        near = self._nearest(facts.near, self._near, rows)
        near = Nearest(facts.near.along_the_ground(near.distances), near.places)
        features = {name: self._column(name) for name in facts.features}
        parts = [self._summaries(near, rows), means(near, features, facts.mean_count)]
        if facts.alike:
            parts.append(self._summaries(self._nearest(facts.mixed, self._mixed, rows), rows))
        return parts

    def _nearest(self, space: Space, index: NearestIndex, rows: Rows) -> Nearest:
        positions = space.positions(rows.coordinates, self._alike(rows.features, space))
        times = None if self._facts.lag is None else rows.times - self._facts.lag
        return index.nearest(Points(positions, rows.identities, times), max(self._facts.counts))

    def _summaries(self, nearest: Nearest, rows: Rows) -> Numbers:
        per, facts = None, self._facts
        if facts.per is not None:
            per = self._column(facts.per), rows.features[:, facts.features.index(facts.per)]
        return summaries(nearest, self._column(PRICE), facts.counts, per)

    def _alike(self, features: Numbers, space: Space) -> Numbers:
        return features[:, [self._facts.features.index(name) for name in self._facts.alike[: len(space.grids)]]]

    @cached_property
    def _near(self) -> NearestIndex:
        return self._index(self._facts.near, kind=0)

    @cached_property
    def _mixed(self) -> NearestIndex:
        return self._index(self._facts.mixed, kind=1)

    def _index(self, space: Space, kind: int) -> NearestIndex:
        columns = [self._column(name) for name in self._facts.features]
        features = np.column_stack(columns) if columns else np.empty((self._reference.num_rows, 0))
        coordinates = np.column_stack([self._column(name) for name in self._facts.location])
        positions = space.positions(coordinates, self._alike(features, space))
        whole = {name: self._reference[name].to_numpy() for name in (*IDENTITIES, KEY, TIME)}
        times = None if self._facts.lag is None else whole[TIME]
        identities = np.column_stack([whole[name] for name in IDENTITIES])
        return NearestIndex(Points(nudged(positions, whole[KEY], kind), identities, times))

    def _column(self, name: str) -> Numbers:
        numbers: Numbers = self._reference[name].to_numpy()
        return numbers


def _space(values: dict[str, Any]) -> Space:
    grids: Sequence[Sequence[float]] = values["grids"]
    return Space(values["is_flat"], values["unit"], tuple(tuple(grid) for grid in grids))
