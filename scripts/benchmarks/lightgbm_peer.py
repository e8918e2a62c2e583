"""LightGBM tuned as a user would: as many trials as ours, early stopping on the same validation rows."""

from math import log
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from hyperopt import fmin, hp, space_eval, tpe

from housing_spark.contract import load_contract
from housing_spark.settings import load_settings

_MOST_TREES, _PATIENCE = 2_000, 20
_SPACE = {
    "learning_rate": hp.loguniform("learning_rate", log(0.05), log(0.2)),
    "num_leaves": hp.qloguniform("num_leaves", log(8), log(256), 1),
    "min_child_samples": hp.qloguniform("min_child_samples", log(2), log(30), 1),
    "reg_lambda": hp.loguniform("reg_lambda", log(0.1), log(10)),
    "colsample_bytree": hp.uniform("colsample_bytree", 0.3, 1.0),
    "is_log": hp.choice("is_log", [True, False]),
}


def trials() -> int:
    """How many trials both get."""
    return load_settings("local", [], {}).search.max_evals["gbt"]


def tuned_rmse(rows: pd.DataFrame, count: int) -> float:
    """RMSE on test rows of the best trial on the contract's raw columns, nothing derived.

    Args:
        rows: California's features table with ``split``.
        count: Trials.
    """
    typed = rows.astype({"ocean_proximity": "category"})
    parts = {name: typed[typed["split"] == name] for name in ("train", "validation", "test")}
    fits: dict[str, tuple[Any, bool]] = {}

    def loss(point: dict[str, Any]) -> float:
        model, is_log = _fit(point, parts), point["is_log"]
        fits[str(point)] = (model, is_log)
        return _rmse(model, parts["validation"], is_log)

    state = np.random.default_rng(7)
    best = fmin(loss, _SPACE, tpe.suggest, count, rstate=state, show_progressbar=False, verbose=False)
    model, is_log = fits[str(space_eval(_SPACE, best))]
    return _rmse(model, parts["test"], is_log)


def _fit(point: dict[str, Any], parts: dict[str, pd.DataFrame]) -> Any:
    whole = {name: int(point[name]) for name in ("num_leaves", "min_child_samples")}
    options = {name: value for name, value in point.items() if name != "is_log"} | whole
    model = lightgbm.LGBMRegressor(n_estimators=_MOST_TREES, random_state=7, verbose=-1, **options)
    stop = lightgbm.early_stopping(_PATIENCE, verbose=False)
    (x, y), validation = (_xy(parts[name], point["is_log"]) for name in ("train", "validation"))
    return model.fit(x, y, eval_set=[validation], callbacks=[stop])


def _xy(rows: pd.DataFrame, is_log: bool) -> tuple[pd.DataFrame, pd.Series]:
    features = load_contract("california").features
    location = ["latitude", "longitude"]
    names = list(dict.fromkeys((*features.numeric, *features.categorical, *location)))
    return rows[names], np.log(rows["label"]) if is_log else rows["label"]


def _rmse(model: Any, rows: pd.DataFrame, is_log: bool) -> float:
    predicted = model.predict(_xy(rows, is_log)[0])
    return float(np.sqrt(np.mean(((np.exp(predicted) if is_log else predicted) - rows["label"]) ** 2)))
