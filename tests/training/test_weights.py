"""Weights count, monotone features are kept, from the contract to the model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from housing_spark.contract import Contract
from housing_spark.errors import ConfigurationError
from housing_spark.registering import registry_of
from housing_spark.tables import Run
from housing_spark.training.hist.boost import Scale, boost, training_matrix
from tests.conftest import run_stages

ROWS = 900
DRAW = np.random.default_rng(11)
CODES = DRAW.integers(0, 50, (ROWS, 3)).astype(np.uint8)
LABELS = 1_000.0 + 20.0 * CODES[:, 0] - 10.0 * CODES[:, 1] + DRAW.normal(0, 300, ROWS)
WEIGHTS = DRAW.choice([0.0, 1.0, 2.0], ROWS)
PARAMETERS = {"step_size": 0.3, "max_depth": 4, "min_instances_per_node": 0, "l2": 0.0, "column_share": 1.0}


def fitted(rows: Any, weights: Any, **options: Any) -> tuple[bytes, Any]:
    """The trees, and prices of every row."""
    scale = Scale.of(LABELS[rows], weights, is_log=False)
    training = training_matrix(CODES[rows], scale.standardize(LABELS[rows]), scale.weigh(weights))
    booster = boost(training, PARAMETERS, {"seed": 1, **options}, num_boost_round=20)
    return bytes(booster.save_raw("json")), scale.prices(booster.inplace_predict(CODES))


def test_the_unit_of_weights_does_not_matter() -> None:
    every = np.arange(ROWS)
    assert fitted(every, WEIGHTS)[0] == fitted(every, 4.0 * WEIGHTS)[0]
    assert fitted(every, np.ones(ROWS))[0] == fitted(every, np.full(ROWS, 7.0))[0]


def test_a_row_of_weight_nought_is_no_row_and_one_of_weight_two_is_two() -> None:
    weighted = fitted(np.arange(ROWS), WEIGHTS)[1]
    counted = np.repeat(np.arange(ROWS), WEIGHTS.astype(int))
    assert fitted(counted, np.ones(len(counted)))[1] == pytest.approx(weighted, rel=1e-3)
    assert fitted(np.arange(ROWS), np.ones(ROWS))[1] != pytest.approx(weighted, rel=1e-2)


COLUMNS = {
    "id": {"type": "bigint", "required": True},
    "price": {"type": "double", "min": 1},
    "area": {"type": "double"},
    "age": {"type": "double"},
    "trust": {"type": "double", "min": 0},
}
CONTRACT = {
    "dataset": "trusted", "columns": COLUMNS, "key": ["id"], "label": "price", "features": {"numeric": ["area", "age"]},
    "weight": "trust", "monotone": {"area": "increasing", "age": "decreasing"},
}  # fmt: skip


def sales(folder: Path) -> Path:
    """Noisy prices; a third of the sales is ten times too dear, and not trusted."""
    area, age = DRAW.uniform(50, 250, ROWS).round(), DRAW.uniform(0, 90, ROWS).round()
    price, is_wrong = 800 * area - 900 * age + 90_000 + DRAW.normal(0, 20_000, ROWS), np.arange(ROWS) % 3 == 0
    table = pd.DataFrame({"id": range(ROWS), "price": np.where(is_wrong, 10 * price, price), "area": area, "age": age})
    table["trust"] = np.where(is_wrong, 0.0, np.where(np.arange(ROWS) % 3 == 1, 1.0, np.nan))
    table.to_csv(folder / "sales.csv", index=False)
    return folder / "sales.csv"


def test_a_contract_with_weights_and_monotone_features(
    write_contract: Callable[..., Contract], make_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = make_run(write_contract(**CONTRACT), sales(tmp_path), "search.max_evals={gbt: 1}", "split.test=0.04",
                   "split.calibration=0.24")  # fmt: skip
    run_stages(run, "ingest", "clean", "features", "train")
    grid = pd.DataFrame(
        [(float(a), float(b)) for a in range(40, 270, 5) for b in range(0, 90, 5)], columns=["area", "age"]
    )
    pipeline = registry_of(run).load(1).pipeline
    priced = pipeline.transform(run.spark.createDataFrame(grid)).select("area", "age", "prediction").toPandas()
    prices = priced.pivot(index="area", columns="age", values="prediction").to_numpy()
    assert (np.diff(prices, axis=0) >= 0).all()
    assert (np.diff(prices, axis=1) <= 0).all()
    assert prices.max() > 1.5 * prices.min()
    assert prices.max() < 400_000
    linear = make_run(run.contract, run.input, "training.candidates=[gbt, elastic_net]")
    with pytest.raises(ConfigurationError, match=r"E-TRAIN-008 elastic_net .*monotone"):
        run_stages(linear, "train")
