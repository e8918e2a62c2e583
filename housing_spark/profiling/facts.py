"""What a profile says: figures per column, of the table, and the quality score with its parts."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: where it begins and ends, in the column's unit, and its rows."""

    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class ColumnProfile:
    """One column; ``quantiles`` by share and ``bars`` for numbers, ``top`` values with their rows for others."""

    name: str
    type: str
    comment: str
    missing: int
    distinct: int
    mean: float | None = None
    deviation: float | None = None
    low: float | None = None
    high: float | None = None
    quantiles: dict[float, float] = field(default_factory=dict)
    bars: tuple[Bar, ...] = ()
    top: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Pair:
    """Pearson's correlation of two numeric columns, on rows that have both."""

    first: str
    second: str
    correlation: float


@dataclass(frozen=True)
class Arrival:
    """What became of the rows that arrived, and the most frequent reasons against refused ones."""

    raw: int
    clean: int
    refused: int
    superseded: int
    reasons: tuple[tuple[str, str, int], ...]

    @property
    def duplicates(self) -> int:
        """Exact duplicates: rows that went nowhere because they were there already."""
        return self.raw - self.clean - self.refused - self.superseded


@dataclass(frozen=True)
class Score:
    """The quality score: the mean of its parts, each a share from 0 to 1, with what it is made of in words."""

    parts: dict[str, float]
    words: dict[str, str]

    @property
    def overall(self) -> float:
        """The mean of the parts."""
        return sum(self.parts.values()) / len(self.parts)


@dataclass(frozen=True)
class Profile:
    """A table, column by column."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    pairs: tuple[Pair, ...]
    passes: int
