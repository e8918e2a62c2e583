"""The level of a market by time: a hedonic index, fitted by least squares, and how it goes on. Needs no Spark.

The logarithm of a price is what the home is (each number by a broken line, each category by a constant) plus the level
of the market at its day (Rosen, Journal of Political Economy 82, 1974; time dummies, smoothed). How fast the level
grows may change from quarter to quarter, by little: that is the penalty on its second differences (Hodrick and
Prescott, Journal of Money, Credit and Banking 29, 1997). After the last sale growth falls back to its mean, as that of
house prices does (Case and Shiller, American Economic Review 79, 1989).
"""

from dataclasses import dataclass
from math import ceil, exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_spark.features.transformers import sql_number

Numbers = NDArray[np.float64]
_STEP, _MOST_KNOTS = 0.25, 80
# Standard deviations, of log prices: how much a year's growth changes in a year; a season; what a feature tells.
_CHANGE, _SEASON, _FEATURE = 0.03, 0.05, 1.0
_MEMORY = 3.0  # years
_HORIZON = 3.0  # years; beyond them the level stands still
_QUARTERS = np.linspace(0, 1, 5)
_FIRST_ERROR, _ROUNDS = 0.2, 3


@dataclass(frozen=True)
class Sold:
    """Sales that a level is learned from.

    Attributes:
        logs: Logarithms of prices, shape (rows,).
        years: Since the first sale, shape (rows,).
        season: Sine and cosine of the day of the year, shape (rows, 2).
        numbers: Shape (rows, numeric features), without gaps.
        categories: Indexes, shape (rows, categorical features).
    """

    logs: Numbers
    years: Numbers
    season: Numbers
    numbers: Numbers
    categories: Numbers


@dataclass(frozen=True)
class Level:
    """The logarithm of the level: a broken line over years, 0 at its end.

    Attributes:
        step: Years between its corners.
        logs: At the corners.
        growth: In a year, at the end.
        usual: In a year, over all.
    """

    step: float
    logs: tuple[float, ...]
    growth: float
    usual: float

    def at(self, years: float) -> float:
        """The level."""
        end = self.step * (len(self.logs) - 1)
        inside = float(np.interp(years, self.step * np.arange(len(self.logs)), self.logs))
        ahead = min(max(years - end, 0.0), _HORIZON)
        return exp(inside + self.usual * ahead + (self.growth - self.usual) * _MEMORY * (1 - exp(-ahead / _MEMORY)))

    def sql(self, years: str) -> str:
        """The level as SQL over a column of years."""
        last = len(self.logs) - 1
        steps = f"LEAST(GREATEST(`{years}` / {sql_number(self.step)}, 0D), {sql_number(last)})"
        corner = f"CAST(LEAST(FLOOR({steps}), {last - 1}) AS INT)"
        logs = f"ARRAY({', '.join(map(sql_number, self.logs))})"
        low, high = f"GET({logs}, {corner})", f"GET({logs}, {corner} + 1)"
        ahead = f"LEAST(GREATEST(`{years}` - {sql_number(self.step * last)}, 0D), {sql_number(_HORIZON)})"
        beyond = f"{sql_number((self.growth - self.usual) * _MEMORY)} * (1D - EXP(-{ahead} / {sql_number(_MEMORY)}))"
        return f"EXP({low} + ({steps} - {corner}) * ({high} - {low}) + {sql_number(self.usual)} * {ahead} + {beyond})"


def fit_level(sold: Sold, end: float) -> Level:
    """The level that these sales tell.

    Args:
        sold: Training sales.
        end: Years from the first sale to the last.
    """
    steps = max(1, min(_MOST_KNOTS, ceil(end / _STEP)))
    step = end / steps
    time = _hats(sold.years, step * np.arange(steps + 1))
    parts = [time, sold.season, *(_number(column) for column in sold.numbers.T), *map(_category, sold.categories.T)]
    design = np.column_stack(parts)
    others = design.shape[1] - steps - 3
    changes = np.diff(np.eye(steps + 1), 2, axis=0) / (_CHANGE * step**1.5)
    ridge = np.concatenate([np.full(2, _SEASON**-2), np.full(others, _FEATURE**-2)])
    penalty = np.zeros((design.shape[1], design.shape[1]))
    penalty[: steps + 1, : steps + 1] = changes.T @ changes
    penalty[range(steps + 1, len(penalty)), range(steps + 1, len(penalty))] = ridge
    logs = _solved(design, sold.logs, penalty)[: steps + 1]
    logs -= logs[-1]
    return Level(step, tuple(logs.tolist()), float((logs[-1] - logs[-2]) / step), float(-logs[0] / end))


def _solved(design: Numbers, logs: Numbers, penalty: Numbers) -> Numbers:
    """Least squares with a penalty that is worth what the errors are; these are told by the fit before."""
    products, target = design.T @ design, design.T @ (logs - logs.mean())
    variance, found = _FIRST_ERROR**2, np.zeros(len(penalty))
    hardly = 1e-9 * np.trace(products) / len(products) * np.eye(len(penalty))
    for _ in range(_ROUNDS):
        found = np.linalg.solve(products + variance * penalty + hardly, target)
        variance = max(float(np.mean((logs - logs.mean() - design @ found) ** 2)), 1e-8)
    return found


def _number(values: Numbers) -> Numbers:
    """A broken line with corners at the quarters, from 0 at the lowest."""
    return _hats(values, np.unique(np.quantile(values, _QUARTERS)))[:, 1:]


def _category(indexes: Numbers) -> Numbers:
    return np.eye(int(indexes.max()) + 1)[indexes.astype(np.intp)]


def _hats(values: Numbers, corners: NDArray[np.floating[Any]]) -> Numbers:
    """For each corner 1 there, 0 at the others and straight between; flat outside."""
    return np.column_stack([np.interp(values, corners, one) for one in np.eye(len(corners))])
