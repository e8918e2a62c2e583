"""LightGBM tuned as we are: as many trials in the same ranges, early stopping on the same validation rows."""

from collections.abc import Sequence
from math import log
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from hyperopt import fmin, hp, space_eval, tpe
from numpy.typing import NDArray

from housing_spark.contract import Contract
from housing_spark.settings import load_settings

Prices = NDArray[np.float64]
_SETTINGS = load_settings("local", [], {})
_OURS = _SETTINGS.search.spaces["gbt"]
_PARTS = ("train", "validation", "test")


def _between(name: str, of_ours: str) -> Any:
    """A parameter of LightGBM in the range of the one of ours that does the same."""
    low, high = float(_OURS[of_ours].low or 0), float(_OURS[of_ours].high or 0)
    if _OURS[of_ours].scale == "linear":
        return hp.uniform(name, low, high)
    ends = (log(low), log(high))
    return hp.qloguniform(name, *ends, 1) if _OURS[of_ours].integer else hp.loguniform(name, *ends)


_SPACE = {
    "learning_rate": _between("learning_rate", "step_size"),
    "num_leaves": hp.qloguniform("num_leaves", log(8), log(256), 1),  # of trees of our depths, 3 to 8
    "min_child_samples": _between("min_child_samples", "min_instances_per_node"),
    "reg_lambda": _between("reg_lambda", "l2"),
    "colsample_bytree": _between("colsample_bytree", "column_share"),
    "subsample": _between("subsample", "row_share"),
    "is_log": hp.choice("is_log", [True, False]),
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
    fits: dict[str, Any] = {}

    def loss(point: dict[str, Any]) -> float:
        fits[str(point)] = _fit(point, *parts["train"], *parts["validation"])
        return rmse(_priced(fits[str(point)], parts["validation"][0], point), parts["validation"][1])

    state = np.random.default_rng(7)
    found = fmin(loss, _SPACE, tpe.suggest, count, rstate=state, show_progressbar=False, verbose=False)
    best = space_eval(_SPACE, found)
    return _priced(fits[str(best)], parts["test"][0], best)


def rmse(prices: Prices, labels: Any) -> float:
    """Root mean squared error."""
    return float(np.sqrt(np.mean((prices - np.asarray(labels)) ** 2)))


def _readable(column: pd.Series) -> pd.Series:
    """As LightGBM reads it: texts as categories, days and decimals as numbers."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    is_day = pd.api.types.is_datetime64_any_dtype(column) or hasattr(column.dropna().iloc[0], "year")
    return pd.to_datetime(column).astype("int64") if is_day else column.astype("category")


def _fit(point: dict[str, Any], x: pd.DataFrame, y: pd.Series, judging: pd.DataFrame, labels: pd.Series) -> Any:
    whole = {name: int(point[name]) for name in ("num_leaves", "min_child_samples")}
    options = {name: value for name, value in point.items() if name != "is_log"} | whole
    model = lightgbm.LGBMRegressor(
        n_estimators=int(_OURS["max_trees"].choices[0]), subsample_freq=1, random_state=7, verbose=-1, **options
    )
    stop = lightgbm.early_stopping(_SETTINGS.training.patience, verbose=False)
    target, judges = (np.log(part) if point["is_log"] else part for part in (y, labels))
    return model.fit(x, target, eval_set=[(judging, judges)], callbacks=[stop])


def _priced(model: Any, x: pd.DataFrame, point: dict[str, Any]) -> Prices:
    predicted = np.asarray(model.predict(x), np.float64)
    return np.exp(predicted) if point["is_log"] else predicted
