"""Points proposed by Hyperopt. TPE: Bergstra, Bardenet, Bengio and Kegl, NeurIPS 2011."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import log
from typing import Any

from hyperopt import JOB_STATE_DONE, STATUS_OK, Trials, hp, rand, tpe
from hyperopt.base import Domain

from housing_spark.settings import Dimension, Search
from housing_spark.training.trials import Trial


def suggest(
    space: Mapping[str, Dimension], completed: Sequence[Trial], number: int, search: Search, seed: int
) -> dict[str, float]:
    """The coordinates of the next point; that of a choice is its place in the list."""
    domain = Domain(lambda _: 0.0, {name: _dimension(name, dimension) for name, dimension in space.items()})
    is_random = search.method == "random"
    propose = rand.suggest if is_random else partial(tpe.suggest, n_startup_jobs=search.startup_trials)
    document = propose([number], domain, _trials(completed), seed)[0]
    return {name: float(values[0]) for name, values in document["misc"]["vals"].items() if values}


def _trials(completed: Sequence[Trial]) -> Trials:
    trials = Trials()
    documents = []
    for trial in completed:
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


def _dimension(name: str, dimension: Dimension) -> Any:
    if dimension.choices:
        return hp.choice(name, list(dimension.choices))
    low, high = float(dimension.low or 0), float(dimension.high or 0)
    if dimension.integer:
        if dimension.scale == "log":
            return hp.qloguniform(name, log(low), log(high), 1)
        return hp.quniform(name, low, high, 1)
    return hp.loguniform(name, log(low), log(high)) if dimension.scale == "log" else hp.uniform(name, low, high)
