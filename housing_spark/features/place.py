"""What follows from a home's place alone: turned axes, and distances to places that the contract names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians, sin

from housing_spark.contract import Contract
from housing_spark.earth import EARTH_KM
from housing_spark.features.transformers import VALUE


@dataclass(frozen=True)
class Place:
    """Where the contract says that homes are.

    Attributes:
        columns: Latitude and longitude, or x and y.
        is_flat: Whether they are x and y.
        is_timed: Whether homes have an ``event_time``, so that only earlier sales may be known.
        known: Places by name, in the same coordinates.
    """

    columns: tuple[str, str]
    is_flat: bool
    is_timed: bool
    known: Mapping[str, tuple[float, float]]

    def terms(self, rotations: Sequence[float]) -> list[tuple[str, str]]:
        """Names and SQL of the features, over filled coordinates.

        A tree cuts along axes: along turned ones it follows a coast or a valley that runs askew.

        Args:
            rotations: Angles, degrees.
        """
        turned = [(f"axis__{angle:g}".replace(".", "_"), self._turned(angle)) for angle in rotations]
        return [*turned, *((f"distance_to__{name}", self._distance(*place)) for name, place in self.known.items())]

    def _turned(self, angle: float) -> str:
        """The way to the east (or along x), turned to the north (or y)."""
        north, east = self._ways()
        return f"`{east}` * {cos(radians(angle))!r}D + `{north}` * {sin(radians(angle))!r}D"

    def _ways(self) -> tuple[str, str]:
        first, second = self._filled
        return (second, first) if self.is_flat else (first, second)

    @property
    def _filled(self) -> tuple[str, str]:
        first, second = self.columns
        return f"{first}{VALUE}", f"{second}{VALUE}"

    def _distance(self, first: float, second: float) -> str:
        """In the grid's unit, or by the haversine formula, kilometres (Sinnott, Sky and Telescope 68, 1984)."""
        one, other = (f"`{name}`" for name in self._filled)
        if self.is_flat:
            return f"SQRT(POW({one} - {first!r}D, 2) + POW({other} - {second!r}D, 2))"
        north = f"POW(SIN(RADIANS({one} - {first!r}D) / 2), 2)"
        east = f"POW(SIN(RADIANS({other} - {second!r}D) / 2), 2)"
        half = f"{north} + COS(RADIANS({one})) * COS(RADIANS({first!r}D)) * {east}"
        return f"{2 * EARTH_KM!r}D * ASIN(SQRT(LEAST(1D, {half})))"


def place_of(contract: Contract) -> Place | None:
    """Where a contract's homes are; ``None``: it does not say."""
    location = contract.location
    if location is None:
        return None
    first, second = location.columns
    return Place((first, second), location.x is not None, contract.event_time is not None, contract.places)
