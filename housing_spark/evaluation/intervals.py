"""A range around each price by split-conformal prediction, scaled by predicted difficulty and by group.

Errors on calibration rows, which no model was fitted on, are divided by the error that their difficulty makes one
expect; order statistics of these ratios say how many expected errors a range must reach (Vovk, Gammerman and Shafer,
Algorithmic Learning in a Random World, 2005, chapter 4; scaled: Lei et al., JASA 113, 2018, section 5.2). A group with
many calibration rows has its own (Mondrian: the same book, section 4.5).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.errors import InputRefusedError
from housing_spark.hashing import first_by_hash
from housing_spark.settings.evaluation import Evaluation

DIFFICULTY = "log_difficulty"
MISSING = "(missing)"
# The share of a normal distribution within one standard deviation.
_ONE_DEVIATION = 0.6827
_PERCENTILES = 99
# The share of errors that what time adds is known for.
_USUAL = 0.9
# Enough to place any percentile within a tenth of one; chosen by hash.
_MOST_ROWS = 200_000
_Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Ratios:
    """Order statistics of errors over expected errors.

    Attributes:
        levels: One for each level of a range, ascending with the levels.
        deviation: Two thirds of the errors (68.27 %) are no larger: one standard deviation if errors were normal.
        percentiles: The 1st to the 99th; fewer where the rows are too few for the last of them.
    """

    levels: tuple[float, ...]
    deviation: float
    percentiles: tuple[float, ...]


@dataclass(frozen=True)
class Ranges:
    """Calibrated ranges.

    Attributes:
        level: Share of prices in the range that is shown first.
        levels: Shares of all ranges, ascending; ``level`` is among them.
        rows: Calibration rows.
        group: Column whose values may have ratios of their own; ``None``: no column has.
        overall: Ratios of all rows.
        groups: Ratios of each value that has many calibration rows.
        widened: What all ratios were multiplied by, for prices of later sales than the model has seen.
    """

    level: float
    levels: tuple[float, ...]
    rows: int
    group: str | None
    overall: Ratios
    groups: dict[str, Ratios]
    widened: float = 1.0

    def to_json(self) -> dict[str, Any]:
        """For the record of a model."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Ranges":
        """The ranges back from JSON."""
        groups = {name: _ratios(ratios) for name, ratios in values["groups"].items()}
        given = values | {"levels": tuple(values["levels"]), "overall": _ratios(values["overall"]), "groups": groups}
        return cls(**given)


def calibrate(priced: DataFrame, group: str | None, settings: Evaluation, later_error: float = 0.0) -> Ranges:
    """The ranges that cover their levels of new prices.

    Args:
        priced: Calibration rows with ``label``, ``prediction`` and ``log_difficulty``; at most 200,000 are read.
        group: Column whose values have ratios of their own where they are many; ``None``: there is none.
        settings: Levels, and how many rows are many.
        later_error: What time adds to the squared relative error that nine in ten sales stay below; the ranges are
            widened by what it adds to that of these rows.

    Raises:
        InputRefusedError: Too few calibration rows for a level.
    """
    relative = F.abs(F.col("label") - F.col("prediction")) / F.abs("prediction")
    ratio = F.abs(F.col("label") - F.col("prediction")) / F.exp(DIFFICULTY)
    name = F.coalesce(F.col(group).cast("string"), F.lit(MISSING)) if group else F.lit(MISSING)
    chosen = priced.select("row_key", ratio.alias("ratio"), relative.alias("relative"), name.alias("name"))
    table = first_by_hash(chosen, _MOST_ROWS, salt="calibration").select("ratio", "relative", "name").toArrow()
    ratios = table["ratio"].to_numpy().astype(np.float64)
    usual = float(np.quantile(table["relative"].to_numpy().astype(np.float64), _USUAL))
    widened = sqrt(1 + later_error / usual**2) if usual else 1.0
    names = table["name"].to_numpy() if group else None
    return replace(ranges_of(ratios * widened, names, group, settings), widened=widened)


def ranges_of(ratios: _Numbers, names: NDArray[Any] | None, group: str | None, settings: Evaluation) -> Ranges:
    """The ranges that these errors over expected errors call for; ``names`` says whose each is, shape (rows,)."""
    levels = settings.levels
    groups = {} if names is None else {
        str(name): order_statistics(ratios[names == name], levels)
        for name, rows in zip(*np.unique(names, return_counts=True), strict=True)
        if rows >= settings.interval_group_rows
    }  # fmt: skip
    return Ranges(settings.interval_level, levels, len(ratios), group, order_statistics(ratios, levels), groups)


def order_statistics(ratios: _Numbers, levels: Sequence[float]) -> Ratios:
    """The ratio that a new one exceeds with the probability 1 - level at most, for each level.

    Raises:
        InputRefusedError: Too few rows for a level.
    """
    ascending = np.sort(ratios)
    for level in levels:
        if _place(level, len(ratios)) > len(ratios):
            raise InputRefusedError(
                "E-TRAIN-005",
                f"{len(ratios)} calibration rows cannot give a {level:.0%} range; add sales or lower "
                "evaluation.interval_level and evaluation.interval_levels",
            )
    shares = [percent / (_PERCENTILES + 1) for percent in range(1, _PERCENTILES + 1)]
    at = [_place(share, len(ratios)) for share in shares]
    return Ratios(
        tuple(float(ascending[_place(level, len(ratios)) - 1]) for level in levels),
        float(ascending[min(_place(_ONE_DEVIATION, len(ratios)), len(ratios)) - 1]),
        tuple(float(ascending[place - 1]) for place in at if place <= len(ratios)),
    )


def _place(level: float, rows: int) -> int:
    """Which order statistic covers a level, from 1; binary fractions just above a whole number are that number."""
    return ceil((rows + 1) * level - 1e-9)


def _ratios(values: dict[str, Any]) -> Ratios:
    return Ratios(tuple(values["levels"]), values["deviation"], tuple(values["percentiles"]))
