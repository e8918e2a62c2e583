"""Points proposed by Optuna (the extra ``optuna``). Akiba, Sano, Yanase, Ohta and Koyama, KDD 2019."""

from collections.abc import Mapping, Sequence

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import create_trial

from housing_spark.settings import Dimension, Search
from housing_spark.training.trials import Trial

optuna.logging.set_verbosity(optuna.logging.WARNING)


def suggest(
    space: Mapping[str, Dimension], completed: Sequence[Trial], number: int, search: Search, seed: int
) -> dict[str, float]:
    """The coordinates of the point of trial ``number``; that of a choice is its place in the list."""
    distributions = {name: _distribution(dimension) for name, dimension in space.items()}
    sampler: BaseSampler = RandomSampler(seed=seed)
    if search.method != "random" and number >= search.startup_trials:
        sampler = TPESampler(seed=seed, n_startup_trials=search.startup_trials)
    study = optuna.create_study(sampler=sampler)
    for trial in completed:
        params = {name: _value(trial.point[name], space[name]) for name in space}
        study.add_trial(create_trial(params=params, distributions=distributions, value=trial.loss))
    return {name: float(value) for name, value in study.ask(distributions).params.items()}


def _value(coordinate: float, dimension: Dimension) -> float:
    return int(coordinate) if dimension.choices or dimension.integer else coordinate


def _distribution(dimension: Dimension) -> BaseDistribution:
    if dimension.choices:
        return CategoricalDistribution(range(len(dimension.choices)))
    low, high, is_log = dimension.low or 0, dimension.high or 0, dimension.scale == "log"
    if dimension.integer:
        return IntDistribution(int(low), int(high), log=is_log)
    return FloatDistribution(low, high, log=is_log)
