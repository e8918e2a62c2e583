"""A measured figure: a ratio of two things that ran in turn, so that a slow hour slows both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

PAIRS = 5


@dataclass(frozen=True)
class Figure:
    """One line of output.

    Attributes:
        figure: Its name.
        value: The median, or what ``what`` says.
        low: The smallest reading.
        high: The largest.
        pairs: How often it was measured.
        bound: What it must hold, ``>= 2`` or ``<= 3``; ``None``: it is only told.
        holds: Whether it does.
        what: What was measured, and why fewer than five times where that is so.
    """

    figure: str
    value: float
    low: float
    high: float
    pairs: int
    bound: str | None
    holds: bool
    what: str


def figure_of(
    name: str, readings: list[float], bound: str | None, what: str, middle: Callable[[list[float]], float] = median
) -> Figure:
    """The figure of some readings: their median, or what stands for them otherwise."""
    value, low, high = (float(f"{number:.4g}") for number in (middle(readings), min(readings), max(readings)))
    return Figure(name, value, low, high, len(readings), bound, _holds(value, bound), what)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    started = perf_counter()
    result = work()
    return perf_counter() - started, result


def ratios(slow: Callable[[], Any], fast: Callable[[], Any], pairs: int = PAIRS) -> list[float]:
    """Time of the first over time of the second, in turn."""
    return [timed(slow)[0] / timed(fast)[0] for _ in range(pairs)]


def _holds(value: float, bound: str | None) -> bool:
    if bound is None:
        return True
    sign, limit = bound.split()
    return value >= float(limit) if sign == ">=" else value <= float(limit)
