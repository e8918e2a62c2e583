"""Error on the published California file, its nine columns as they are: our whole run and LightGBM, tuned alike."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from math import log
from pathlib import Path
from typing import Any

import deltalake
import lightgbm
import numpy as np
import pandas as pd
import yaml
from california import california_file
from figures import Figure, figure_of, timed
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


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    file = california_file()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds, ours = timed(lambda: _run(folder, file))
        theirs = _lightgbm(folder)
    what = (
        f"test RMSE over LightGBM's, {_trials()} trials each, the file's nine columns; ours {ours:,.0f} USD; one split"
    )
    yield figure_of("accuracy.raw_over_lightgbm", [ours / theirs], "<= 1.015", what)
    yield figure_of("accuracy.run_seconds", [seconds], "<= 180", "s, the whole run on that file, once")


def _run(folder: Path, file: Path) -> float:
    """The RMSE of the whole run on test rows."""
    contract = load_contract("california").model_dump(mode="json", by_alias=True, exclude_none=True)
    contract["features"]["derived"] = {}
    (folder / "contract.yaml").write_text(yaml.safe_dump(contract))
    command = [str(Path(sys.executable).with_name("housing")), "run", "--dataset", str(folder / "contract.yaml")]
    plain = ["--set", "features.neighbours.enabled=false", "--set", "features.rotations=[]"]
    places = ["--input", str(file), "--warehouse", str(folder)]
    done = subprocess.run([*command, *places, *plain, "--json"], check=True, stdout=subprocess.PIPE)
    stages = json.loads(done.stdout)["stages"]
    return next(float(stage["details"]["test"]["rmse"]) for stage in stages if stage["job"] == "evaluate")


def _trials() -> int:
    return load_settings("local", [], {}).search.max_evals["gbt"]


def _lightgbm(folder: Path) -> float:
    """LightGBM's RMSE on the same test rows: the same budget, early stopping on the same validation rows."""
    rows = _rows(folder)
    parts = {name: rows[rows["split"] == name] for name in ("train", "validation", "test")}
    fits: dict[str, tuple[float, Any, bool]] = {}

    def loss(point: dict[str, Any]) -> float:
        model, is_log = _fit(point, parts), point["is_log"]
        found = _rmse(model, parts["validation"], is_log)
        fits[str(point)] = (found, model, is_log)
        return found

    state = np.random.default_rng(7)
    best = fmin(loss, _SPACE, tpe.suggest, _trials(), rstate=state, show_progressbar=False, verbose=False)
    _, model, is_log = fits[str(space_eval(_SPACE, best))]
    return _rmse(model, parts["test"], is_log)


def _rows(folder: Path) -> pd.DataFrame:
    tables = {name: deltalake.DeltaTable(folder / "california" / name) for name in ("features", "predictions")}
    split = tables["predictions"].to_pandas(columns=["row_key", "split"])
    return tables["features"].to_pandas().merge(split, on="row_key").astype({"ocean_proximity": "category"})


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
