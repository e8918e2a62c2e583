"""What a model was made from, in numbers for its card: one pass over its rows, a line per part of the split."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.evaluation.report.facts import Place

_PARTS = ("train", "validation", "calibration", "test")


@dataclass(frozen=True)
class Part:
    """The rows that played one part for the model."""

    name: str
    rows: int
    lowest: float
    median: float
    highest: float
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Data:
    """The rows that a model was made from; ``missing`` is the share without a value, by column."""

    parts: tuple[Part, ...]
    extent: tuple[float, float, float, float] | None
    missing: tuple[tuple[str, float], ...]

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each part."""
        return {part.name: part.rows for part in self.parts}


def gather_data(judged: DataFrame, columns: Sequence[str], place: Place | None) -> Data:
    """The parts, the extent and the gaps of the rows that a model was made from.

    Args:
        judged: Labelled rows with ``split``, ``event_time`` and the columns.
        columns: Features whose gaps are counted.
        place: Coordinate columns, where the contract has a location.
    """
    day = F.to_date("event_time").cast("string")
    prices = [F.min("label").alias("lowest"), F.percentile_approx("label", 0.5).alias("median")]
    figures = [F.count(F.lit(1)).alias("rows"), *prices, F.max("label").alias("highest")]
    days = [F.min(day).alias("first"), F.max(day).alias("last")]
    gaps = [F.count_if(F.col(name).isNull()).alias(f"gap {name}") for name in columns]
    ends = [end(F.col(name).cast("double")) for name in (place.x, place.y) for end in (F.min, F.max)] if place else []
    extent = [end.alias(f"end {number}") for number, end in enumerate(ends)]
    rows = judged.groupBy("split").agg(*figures, *days, *gaps, *extent).collect()  # one row per part
    by_part = {row["split"]: row for row in rows}
    total = sum(row["rows"] for row in rows)
    fields = ("rows", "lowest", "median", "highest", "first", "last")
    parts = tuple(Part(name, *(by_part[name][field] for field in fields)) for name in _PARTS if name in by_part)
    missing = {name: sum(row[f"gap {name}"] for row in rows) / total for name in columns}
    ordered = sorted(((name, share) for name, share in missing.items() if share), key=lambda pair: (-pair[1], pair[0]))
    return Data(parts, _extent([row.asDict() for row in rows]) if place else None, tuple(ordered))


def _extent(rows: Sequence[dict[str, float]]) -> tuple[float, float, float, float]:
    low_x, high_x, low_y, high_y = ([row[f"end {number}"] for row in rows] for number in range(4))
    return min(low_x), max(high_x), min(low_y), max(high_y)
