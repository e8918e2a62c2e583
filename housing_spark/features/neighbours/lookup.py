"""Everything that a saved model knows of its neighbours, and what it says of other rows. Needs no Spark."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from housing_spark.features.neighbours.facts import Facts
from housing_spark.features.neighbours.kriging import kriged, kriged_at
from housing_spark.features.neighbours.nearest import Nearest, NearestIndex, Numbers, Places
from housing_spark.features.neighbours.reference import Reference, Rows
from housing_spark.features.neighbours.space import Space
from housing_spark.features.neighbours.summaries import means, summaries


class Lookup:
    """Reference rows, ready to be asked in both spaces."""

    def __init__(self, facts: Facts, reference: pa.Table, slack: float = 0.0) -> None:
        """Take the reference rows.

        Args:
            facts: What is looked for.
            reference: Columns as ``Reference`` has them.
            slack: As for ``NearestIndex``.
        """
        self._facts = facts
        self._reference = Reference(reference, facts.location, facts.features, facts.lag, slack)

    def describe(self, rows: Rows) -> Numbers:
        """What neighbours say of rows, shape (rows, names of the facts); what is usual where they say nothing."""
        found = np.full((len(rows.coordinates), len(self._facts.names)), np.nan)
        is_placed = ~np.isnan(self._facts.near.positions(rows.coordinates, rows.features)[:, 0])
        found[is_placed] = np.column_stack(self._said_of(rows.of(is_placed)))
        return np.where(np.isfinite(found), found, np.array(self._facts.usual))

    def reach(self, rows: Rows) -> Numbers:
        """How far on the ground the neighbours of rows lie at most, in either space, shape (rows,); infinity: too few.

        Those alike, which are as many or more, lie no farther on the ground than in their space, so that the nearest
        on the ground lie no farther either.

        Args:
            rows: All of them placed.
        """
        space, index = self._spaces[-1]
        farthest: Numbers = space.unit * self._nearest(space, index, rows).distances[:, -1]
        return farthest

    def within(self, rows: Rows, reach: Numbers) -> tuple[Places, Places]:
        """Pairs of rows and their nearest reference rows in either space, as far as they look.

        Args:
            rows: All of them placed.
            reach: No less than the ``reach`` of other reference rows, shape (rows,).
        """
        pairs = []
        for space, index in self._spaces:
            nearest = self._nearest(space, index, rows)
            is_within = (nearest.places >= 0) & (space.unit * nearest.distances <= reach[:, None])
            pairs.append((np.nonzero(is_within)[0], nearest.places[is_within]))
        places, found = (np.concatenate(column) for column in zip(*pairs, strict=True))
        return places, found

    def rows_at(self, places: Places, names: Sequence[str]) -> Any:
        """Columns of some reference rows side by side, shape (rows, names)."""
        return self._reference.at(places, names)

    @property
    def _spaces(self) -> list[tuple[Space, NearestIndex]]:
        near = [(self._facts.near, self._near)]
        return [*near, (self._facts.mixed, self._mixed)] if self._facts.alike else near

    def _said_of(self, rows: Rows) -> list[Numbers]:
        facts, reference = self._facts, self._reference
        near = self._nearest(facts.near, self._near, rows)
        near = Nearest(facts.near.along_the_ground(near.distances), near.places)
        features = {name: reference.column(name) for name in facts.features}
        parts = [self._summaries(near, rows), means(near, features, facts.mean_count)]
        if facts.alike:
            alike = self._nearest(facts.mixed, self._mixed, rows)
            parts.append(self._summaries(alike, rows))
            if facts.kriging_count:
                closest = alike.closest(facts.kriging_count)
                parts.append(kriged(closest, self._mixed.reference.positions, reference.prices)[:, None])
            if facts.is_near_kriged:
                asking = reference.positions_of(rows, facts.narrow, facts.alike)
                parts.append(kriged_at(asking, near.places, self._narrow_positions, reference.prices)[:, None])
        return parts

    def _nearest(self, space: Space, index: NearestIndex, rows: Rows) -> Nearest:
        facts = self._facts
        count = max(*facts.counts, facts.mean_count, facts.kriging_count if space.grids else 0)
        return self._reference.nearest(index, space, rows, facts.alike, count)

    def _summaries(self, nearest: Nearest, rows: Rows) -> Numbers:
        per, facts, reference = None, self._facts, self._reference
        if facts.per is not None:
            per = reference.column(facts.per), rows.features[:, facts.features.index(facts.per)]
        return summaries(nearest.closest(max(facts.counts)), reference.prices, facts.counts, per)

    @cached_property
    def _near(self) -> NearestIndex:
        return self._reference.index(self._facts.near, (), kind=0)

    @cached_property
    def _mixed(self) -> NearestIndex:
        return self._reference.index(self._facts.mixed, self._facts.alike, kind=1)

    @cached_property
    def _narrow_positions(self) -> Numbers:
        return self._reference.positions(self._facts.narrow, self._facts.alike)
