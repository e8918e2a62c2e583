"""Error on the published California file, its nine columns as they are: our whole run and LightGBM, tuned alike."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import deltalake
import pandas as pd
import yaml
from california import california_file
from figures import Figure, figure_of, timed
from lightgbm_peer import raw_columns, rmse, trials, tuned_prices

from housing_spark.contract import load_contract


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    file = california_file()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds, ours = timed(lambda: _run(folder, file))
        rows = _rows(folder)
    prices = tuned_prices(rows, raw_columns(load_contract("california")), trials())
    theirs = rmse(prices, rows["label"][rows["split"] == "test"])
    what = (
        f"test RMSE over LightGBM's, {trials()} trials each, the file's nine columns; ours {ours:,.0f} USD; one split"
    )
    yield figure_of("accuracy.raw_over_lightgbm", [ours / theirs], "<= 1.015", what)
    yield figure_of("accuracy.run_seconds", [seconds], "<= 180", "s, the whole run on that file, once")


def _run(folder: Path, file: Path) -> float:
    """The RMSE of the whole run on test rows."""
    contract = load_contract("california").model_dump(mode="json", by_alias=True, exclude_none=True)
    contract["features"]["derived"] = {}
    (folder / "contract.yaml").write_text(yaml.safe_dump(contract))
    command = [str(Path(sys.executable).with_name("housing")), "run", "--dataset", str(folder / "contract.yaml")]
    plain = ["--set", "features.families.neighbours=false", "--set", "features.rotations=[]"]
    places = ["--input", str(file), "--warehouse", str(folder)]
    done = subprocess.run([*command, *places, *plain, "--json"], check=True, stdout=subprocess.PIPE)
    stages = json.loads(done.stdout)["stages"]
    return next(float(stage["details"]["test"]["rmse"]) for stage in stages if stage["job"] == "evaluate")


def _rows(folder: Path) -> pd.DataFrame:
    tables = {name: deltalake.DeltaTable(folder / "california" / name) for name in ("features", "predictions")}
    split = tables["predictions"].to_pandas(columns=["row_key", "split"])
    return tables["features"].to_pandas().merge(split, on="row_key")
