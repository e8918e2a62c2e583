"""Whether a model prices every segment of homes at the same level.

A segment's lean is its mean ratio of predicted to true price (geometric) over that of all other test rows. Welch's test
(Biometrika 34, 1947) tells it from chance, and Holm's correction (Scandinavian Journal of Statistics 6, 1979) accounts
for the many segments that are looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]  # SciPy has no types

Floats = NDArray[np.float64]
LEVEL = 0.05  # a probability below it is no chance


@dataclass(frozen=True)
class Ratios:
    """Logarithms of predicted over true price: how many, their mean, their standard deviation."""

    rows: int
    mean: float
    sd: float


@dataclass(frozen=True)
class Lean:
    """How far a segment is priced above (positive) or below the other rows.

    Attributes:
        value: Relative: 0.05 is 5 % higher.
        chance: Probability of so much or more without any lean, corrected for the number of segments.
    """

    value: float
    chance: float

    def is_beyond(self, bound: float) -> bool:
        """Whether it is larger than a bound and no chance."""
        return abs(self.value) > bound and self.chance < LEVEL


def leans(whole: Ratios, segments: Mapping[tuple[str, str], Ratios]) -> dict[tuple[str, str], Lean]:
    """The lean of every segment; those that hold all rows, or of fewer than two, are left out.

    Args:
        whole: All test rows.
        segments: Those of each segment, by column and value.
    """
    keys = [key for key, part in segments.items() if 2 <= part.rows <= whole.rows - 2]
    pairs = [(segments[key], _rest(whole, segments[key])) for key in keys]
    chances = _holm([_welch(part, rest) for part, rest in pairs])
    values = [float(np.expm1(part.mean - rest.mean)) for part, rest in pairs]
    return {key: Lean(value, chance) for key, value, chance in zip(keys, values, chances, strict=True)}


def _rest(whole: Ratios, part: Ratios) -> Ratios:
    """All rows but a part, from the sums of both."""
    rows = whole.rows - part.rows
    mean = (whole.rows * whole.mean - part.rows * part.mean) / rows
    squares = _squares(whole) - _squares(part) - rows * mean**2
    return Ratios(rows, mean, float(np.sqrt(max(squares, 0.0) / (rows - 1))))


def _squares(ratios: Ratios) -> float:
    return (ratios.rows - 1) * ratios.sd**2 + ratios.rows * ratios.mean**2


def _welch(one: Ratios, other: Ratios) -> float:
    if one.sd == other.sd == 0:
        return 1.0 if one.mean == other.mean else 0.0
    test = stats.ttest_ind_from_stats(
        one.mean, one.sd, one.rows, other.mean, other.sd, other.rows, equal_var=False
    )  # fmt: skip
    return float(test.pvalue)


def _holm(chances: Sequence[float]) -> list[float]:
    """Each chance times the number of those that are not smaller, and never below a smaller one's."""
    order = np.argsort(chances, kind="stable")
    scaled = np.array(chances)[order] * np.arange(len(chances), 0, -1)
    corrected = np.empty(len(chances))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return [float(chance) for chance in corrected]
