"""What to try next. The only file that knows Hyperopt.

A round is proposed from the completed rounds in order of number: mode, time and cluster never change the sequence.
TPE: Bergstra, Bardenet, Bengio and Kegl, NeurIPS 2011.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import exp, log
from typing import Any

import numpy as np
from hyperopt import JOB_STATE_DONE, STATUS_OK, Trials, hp, rand, space_eval, tpe
from hyperopt.base import Domain

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
        searched = {name: _hyperopt_dimension(name, self.space[name]) for name in self.space if name not in parameters}
        point: dict[str, float] = {}
        if searched:
            domain = Domain(lambda _: 0.0, searched)
            document = self._suggest([number], domain, _trials(completed), self.seed + number)[0]
            point = {name: float(values[0]) for name, values in document["misc"]["vals"].items() if values}
            parameters |= space_eval(searched, _coordinates(point, self.space))
        plain = {name: _plain(value, self.space[name]) for name, value in sorted(parameters.items())}
        return Proposal(self.estimator, number, plain, point)

    @property
    def _suggest(self) -> Callable[..., list[dict[str, Any]]]:
        is_random = self.search.method == "random"
        return rand.suggest if is_random else partial(tpe.suggest, n_startup_jobs=self.search.startup_trials)


def _coordinates(point: Mapping[str, float], space: Space) -> dict[str, float | int]:
    """Coordinates as Hyperopt wants them: the index of a choice is a whole number."""
    return {name: int(value) if space[name].choices else value for name, value in point.items()}


def _trials(completed: Sequence[Trial]) -> Trials:
    trials = Trials()
    documents = []
    for trial in (one for one in completed if one.is_ok):
        idxs = {name: [trial.number] for name in trial.point}
        vals = {name: [value] for name, value in trial.point.items()}
        misc = {"tid": trial.number, "cmd": None, "workdir": None, "idxs": idxs, "vals": vals}
        result = {"loss": trial.loss, "status": STATUS_OK}
        unused = dict.fromkeys(("spec", "owner", "book_time", "refresh_time", "exp_key"))
        documents.append(
            unused | {"tid": trial.number, "result": result, "misc": misc, "state": JOB_STATE_DONE, "version": 0}
        )
    if documents:
        trials.insert_trial_docs(documents)
        trials.refresh()
    return trials


def _is_fixed(dimension: Dimension) -> bool:
    return len(dimension.choices) == 1


def _hyperopt_dimension(name: str, dimension: Dimension) -> Any:
    if dimension.choices:
        return hp.choice(name, list(dimension.choices))
    low, high = float(dimension.low or 0), float(dimension.high or 0)
    if dimension.integer:
        if dimension.scale == "log":
            return hp.qloguniform(name, log(low), log(high), 1)
        return hp.quniform(name, low, high, 1)
    return hp.loguniform(name, log(low), log(high)) if dimension.scale == "log" else hp.uniform(name, low, high)


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
