"""From the columns that an estimator sees to what a person knows of a home: its features, its place, its neighbours."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from housing_spark.explanation.trees import Numbers

FamilyOf = Callable[[str], str | None]
LOCATION, NEIGHBOURS, TIME = "location", "neighbours", "time"
_SOURCES = {"place": LOCATION, "neighbours": NEIGHBOURS, "time": TIME}  # of the columns of a family
_JOINED = ("__times__", "__per__")


@dataclass(frozen=True)
class Folding:
    """Which share of each column's contribution belongs to which source.

    Attributes:
        sources: By name, in order of their first column.
        shares: Shape (columns, sources); each row adds up to 1, so that folding changes no sum.
    """

    sources: tuple[str, ...]
    shares: Numbers

    @classmethod
    def of(
        cls, columns: Sequence[str], features: Collection[str], place: Collection[str], family_of: FamilyOf
    ) -> "Folding":
        """The folding of an estimator's columns.

        * Coordinates, turned axes and distances to places are the location.
        * What neighbours say is one source, of whatever feature they say it; so are trend and season.
        * A product or a ratio belongs in equal shares to the two features that it is made of.

        Args:
            columns: The feature behind each column, several columns may have the same.
            features: The contract's features.
            place: Those of them that are coordinates.
            family_of: The family of features that a column was made by; ``None``: by none.
        """
        owners = [_owners(column, features, place, family_of) for column in columns]
        sources = tuple(dict.fromkeys(owner for both in owners for owner in both))
        shares = np.zeros((len(columns), len(sources)))
        for column, both in enumerate(owners):
            for owner in both:
                shares[column, sources.index(owner)] += 1 / len(both)
        return cls(sources, shares)


def _owners(column: str, features: Collection[str], place: Collection[str], family_of: FamilyOf) -> tuple[str, ...]:
    if column in place:
        return (LOCATION,)
    if column in features:
        return (column,)
    if (family := family_of(column)) in _SOURCES:
        return (_SOURCES[str(family)],)
    for joint in _JOINED:
        first, found, second = column.partition(joint)
        if found:
            return tuple(owner for one in (first, second) for owner in _owners(one, features, place, family_of))
    return (column,)
