"""What to try next, by a library (``<library>_points.py``) or on a grid.

A round is proposed from the completed rounds in order of number: mode, time and cluster never change the sequence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from math import exp, log, sqrt
from typing import Any, Protocol

import numpy as np

from housing_spark.errors import ConfigurationError
from housing_spark.settings import Dimension, Search
from housing_spark.training.trials import Parameters, Proposal, Trial

Space = Mapping[str, Dimension]


@dataclass(frozen=True)
class Proposer:
    """Proposes the trials of one candidate."""

    estimator: str
    space: Space
    search: Search
    seed: int

    @property
    def trial_count(self) -> int:
        """How many trials the candidate gets: its budget, or the whole grid."""
        if self.search.method == "grid":
            return len(_grid(self.space))
        return self.search.max_evals.get(self.estimator, 1)

    def propose(self, numbers: Sequence[int], completed: Sequence[Trial]) -> list[Proposal]:
        """The proposals of one round.

        Args:
            numbers: Trial numbers of the round.
            completed: Trials of the earlier rounds, in order of number.
        """
        if self.search.method == "grid":
            return [Proposal(self.estimator, number, _grid(self.space)[number], {}) for number in numbers]
        return [self._propose(number, completed) for number in numbers]

    def _propose(self, number: int, completed: Sequence[Trial]) -> Proposal:
        parameters = {name: dimension.choices[0] for name, dimension in self.space.items() if _is_fixed(dimension)}
        searched = {name: dimension for name, dimension in self.space.items() if name not in parameters}
        point: dict[str, float] = {}
        if searched:
            suggest = _library(self.search)
            known = [trial for trial in completed if trial.is_ok]
            if number == 0 and self.search.method == "tpe":
                point = {name: _centre(dimension) for name, dimension in searched.items()}
            else:
                point = suggest(searched, known, number, self.search, self.seed + number)
        values = parameters | {name: _at(coordinate, self.space[name]) for name, coordinate in point.items()}
        plain = {name: _plain(value, self.space[name]) for name, value in sorted(values.items())}
        return Proposal(self.estimator, number, plain, point)


class _Suggest(Protocol):
    """What a library is asked for: the coordinates of the next point."""

    def __call__(
        self, space: Space, completed: Sequence[Trial], number: int, search: Search, seed: int
    ) -> dict[str, float]: ...


def _library(search: Search) -> _Suggest:
    try:
        suggest: _Suggest = import_module(f"housing_spark.training.{search.library}_points").suggest
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "E-CFG-018", f"search.library={search.library}: {error}; pip install 'housing-spark[{search.library}]'"
        ) from error
    return suggest


def _centre(dimension: Dimension) -> float:
    """The coordinate in the middle of a range, which lies around what is known to do well; the first choice."""
    if dimension.choices:
        return 0.0
    low, high = float(dimension.low or 0), float(dimension.high or 0)
    middle = sqrt(low * high) if dimension.scale == "log" else (low + high) / 2
    return float(round(middle)) if dimension.integer else middle


def _at(coordinate: float, dimension: Dimension) -> Any:
    """The value at a coordinate."""
    return dimension.choices[int(coordinate)] if dimension.choices else coordinate


def _is_fixed(dimension: Dimension) -> bool:
    return len(dimension.choices) == 1


def _plain(value: Any, dimension: Dimension) -> Any:
    """A value without NumPy's types; whole numbers as such."""
    if isinstance(value, bool | str):
        return value
    is_whole = dimension.integer or (dimension.choices and float(value).is_integer())
    return int(value) if is_whole else float(value)


def _grid(space: Space) -> list[Parameters]:
    names = sorted(space)
    return [dict(zip(names, values, strict=True)) for values in product(*(_points(space[name]) for name in names))]


def _points(dimension: Dimension) -> list[Any]:
    if dimension.choices:
        return [_plain(choice, dimension) for choice in dimension.choices]
    low, high = float(dimension.low or 0), float(dimension.high or 0)
    if dimension.scale == "log":
        points = [exp(value) for value in np.linspace(log(low), log(high), dimension.points)]
    else:
        points = [float(value) for value in np.linspace(low, high, dimension.points)]
    return list(dict.fromkeys(_plain(round(value) if dimension.integer else value, dimension) for value in points))
