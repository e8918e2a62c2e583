"""What a model of neighbours looks for, and the columns of its reference rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from housing_spark.features.neighbours.cells import Blocks
from housing_spark.features.neighbours.nearest import Numbers
from housing_spark.features.neighbours.space import NUDGE, Space
from housing_spark.features.neighbours.summaries import summary_names

# No column of a contract starts with an underscore.
PRICE, KEY, TIME = "_price", "_key", "_time"
IDENTITIES = ("_group", "_content")
# Kriged among those nearest by place, prices go together over a shorter way on the ground than among homes alike.
_NARROWER = 3.0


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
        kriging_count: Neighbours in it whose prices are kriged; 0: none.
        usual: What stands where neighbours say nothing, in the order of ``names``; of many training rows, a sample's.
        is_near_kriged: Whether the prices of those nearest by place are kriged too.
        blocks: Where reference rows are too many for one memory; ``None``: they are not.
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
    kriging_count: int = 0
    usual: tuple[float, ...] = ()
    is_near_kriged: bool = False
    blocks: Blocks | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that the model adds."""
        nearby = summary_names("near", self.counts, self.per)
        alike = summary_names("alike", self.counts, self.per) if self.alike else ()
        kriged = ("alike__price_kriged",) if self.alike and self.kriging_count else ()
        near_kriged = ("near__price_kriged",) if self.is_near_kriged else ()
        return (*nearby, *(f"near__mean_{name}" for name in self.features), *alike, *kriged, *near_kriged)

    @property
    def narrow(self) -> Space:
        """The space that prices of those nearest by place are kriged in."""
        return replace(self.mixed, unit=self.mixed.unit / _NARROWER)

    @property
    def layout(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Columns of reference rows in blocks: those of numbers, those of whole numbers."""
        return (PRICE, *self.location, *self.features), (KEY, *IDENTITIES, TIME)

    def alike_of(self, features: Numbers) -> Numbers:
        """The alike ones of features, shape (rows, alike)."""
        return features[:, [self.features.index(name) for name in self.alike]]

    def at_least(self, distances: Numbers) -> Numbers:
        """Distances on the ground with what ties and rounding may have taken from them."""
        hair = 2 * NUDGE * (self.near.extent + self.mixed.unit * self.mixed.extent)
        return distances * (1 + NUDGE) + hair

    def to_json(self) -> dict[str, Any]:
        """For JSON; ``from_json`` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Facts":
        """The facts back from JSON."""
        tuples = {name: tuple(values[name]) for name in ("location", "features", "alike", "counts", "usual")}
        spaces = {name: space_of(values[name]) for name in ("near", "mixed")}
        blocks = values["blocks"] and Blocks.from_json(values["blocks"])
        return cls(**(values | tuples | spaces | {"blocks": blocks}))


def space_of(values: dict[str, Any]) -> Space:
    """A space back from JSON."""
    grids: Sequence[Sequence[float]] = values["grids"]
    return Space(values["is_flat"], values["unit"], tuple(tuple(grid) for grid in grids), values["extent"])
