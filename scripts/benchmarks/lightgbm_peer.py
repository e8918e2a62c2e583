"""LightGBM tuned as we are: as many trials, proposed alike in the same ranges, ended by the same validation rows."""

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from housing_spark.contract import Contract
from housing_spark.settings import Dimension, load_settings
from housing_spark.training.proposals import Proposer
from housing_spark.training.trials import Parameters, Proposal, Trial

Prices = NDArray[np.float64]
_SETTINGS = load_settings("local", [], {})
_OURS = _SETTINGS.search.spaces["gbt"]
_PARTS = ("train", "validation", "test")


# LightGBM's names, and the range of the one of ours that does the same; leaves are of trees of our depths, 3 to 8.
_RANGES = {
    "learning_rate": _OURS["step_size"],
    "num_leaves": Dimension(low=8, high=256, scale="log", integer=True),
    "min_child_samples": _OURS["min_instances_per_node"],
    "reg_lambda": _OURS["l2"],
    "colsample_bytree": _OURS["column_share"],
    "subsample": _OURS["row_share"],
    "is_log": Dimension(choices=(True, False)),
}


def trials() -> int:
    """How many trials both get."""
    return _SETTINGS.search.max_evals["gbt"]


def raw_columns(contract: Contract) -> list[str]:
    """The contract's features and place as they arrive, nothing derived; the day of a sale where there is one."""
    time = ["event_time"] if contract.event_time else []
    return [*contract.numeric_features, *contract.features.categorical, *time]


def tuned_prices(rows: pd.DataFrame, columns: Sequence[str], count: int) -> Prices:
    """Prices of the test rows, in their order, by the best trial.

    Args:
        rows: With ``label`` and ``split``.
        columns: What the model sees; texts are categories.
        count: Trials.
    """
    seen = pd.DataFrame({name: _readable(rows[name]) for name in columns})
    parts = {name: (seen[rows["split"] == name], rows["label"][rows["split"] == name]) for name in _PARTS}
    search, known = _SETTINGS.search, []
    proposer, fits = Proposer("lightgbm", _RANGES, search, seed=7), {}
    for start in range(0, count, search.parallelism):
        round_ = proposer.propose(range(start, min(start + search.parallelism, count)), known)
        for proposal in round_:
            fits[proposal.number] = _fit(proposal.parameters, *parts["train"], *parts["validation"])
        known = known + [_judged(proposal, fits[proposal.number], *parts["validation"]) for proposal in round_]
    best = min(known, key=lambda trial: trial.loss)
    return _priced(fits[best.number], parts["test"][0], best.parameters)


def _judged(proposal: Proposal, model: Any, x: pd.DataFrame, y: pd.Series) -> Trial:
    loss = rmse(_priced(model, x, proposal.parameters), y)
    return Trial(proposal.estimator, proposal.number, proposal.parameters, proposal.point, loss, None, 0.0)


def rmse(prices: Prices, labels: Any) -> float:
    """Root mean squared error."""
    return float(np.sqrt(np.mean((prices - np.asarray(labels)) ** 2)))


def _readable(column: pd.Series) -> pd.Series:
    """As LightGBM reads it: texts as categories, days and decimals as numbers."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    is_day = pd.api.types.is_datetime64_any_dtype(column) or hasattr(column.dropna().iloc[0], "year")
    return pd.to_datetime(column).astype("int64") if is_day else column.astype("category")


def _fit(point: Parameters, x: pd.DataFrame, y: pd.Series, judging: pd.DataFrame, labels: pd.Series) -> Any:
    options = {name: value for name, value in point.items() if name != "is_log"}
    model = lightgbm.LGBMRegressor(
        n_estimators=int(_OURS["max_trees"].choices[0]), subsample_freq=1, random_state=7, verbose=-1, **options
    )
    stop = lightgbm.early_stopping(_SETTINGS.training.patience, verbose=False)
    target, judges = (np.log(part) if point["is_log"] else part for part in (y, labels))
    return model.fit(x, target, eval_set=[(judging, judges)], callbacks=[stop])


def _priced(model: Any, x: pd.DataFrame, point: Parameters) -> Prices:
    predicted = np.asarray(model.predict(x), np.float64)
    return np.exp(predicted) if point["is_log"] else predicted
