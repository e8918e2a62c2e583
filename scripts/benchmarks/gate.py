"""How often the gate promotes a refit that is no better, and a model that is better by about 2 %: on California.

Pairs are refits on subsamples of the training rows, judged on test rows by the rules of the product. Better ones have
all features; the others do not know what lies near a home.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

import numpy as np
from accuracy_fit import Prices, prepared, table_of, with_parts
from california import california_file
from figures import Figure, figure_of
from numpy.typing import NDArray
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from rows import session

from housing_spark import features, gating
from housing_spark.boosting import xgb
from housing_spark.contract import load_contract
from housing_spark.evaluation import Comparison
from housing_spark.registry import Gains, judge_gains
from housing_spark.settings import load_settings
from housing_spark.training.hist.bins import learn_bins
from housing_spark.training.hist.matrix import Coded, CodedFold
from housing_spark.training.hist.trial import TrialWork, scale_of
from housing_spark.training.trials import Proposal

_SPLITS, _REFITS, _SHARE = 8, 25, 0.8
_LESS = ("near__",)
_PARAMETERS = {
    "step_size": 0.05, "max_depth": 6, "min_instances_per_node": 8, "l2": 1.0, "column_share": 0.5, "max_trees": 500,
    "log_target": True,
}  # fmt: skip
_SETTINGS = load_settings("local", [], {})
_CONTRACT = load_contract("california")
_BUCKETS = 1_000


@dataclass(frozen=True)
class Rows:
    """Coded rows of one split."""

    training: Coded
    validation: Coded
    test: Coded


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    same: list[Gains] = []
    better: list[Gains] = []
    with tempfile.TemporaryDirectory() as name, session() as (spark, _):
        described = prepared(spark, Path(name), "california", str(california_file()))
        for split in range(_SPLITS):
            every, less = _coded(with_parts(described, _CONTRACT, f"gate {split}"))
            prices, worse = ([_refit(rows, number) for number in range(_REFITS)] for rows in (every, less))
            others = range(1, _REFITS + 1)
            same += [_gains(every, prices[k - 1], prices[k % _REFITS]) for k in others]
            better += [_gains(every, prices[k - 1], worse[k % _REFITS]) for k in others]
    what = f"two fits on {_SHARE:.0%} of the training rows each, {_SPLITS} splits; value: share that the gate promotes"
    yield figure_of("gate.false_promotions", _promoted(same), "<= 0.05", what, mean)
    gain = f"RMSE {mean(one.rmse for one in better):.2%}, mean absolute error {mean(one.mae for one in better):.2%}"
    what = f"such fits with prices and features of homes near beside fits without (gain: {gain}); value: share promoted"
    yield figure_of("gate.power", _promoted(better), ">= 0.8", what, mean)


def _promoted(pairs: Sequence[Gains]) -> list[float]:
    """1 where the gate would promote the first of a pair."""
    gate = _SETTINGS.gate
    return [float(all(decision.passed for decision in judge_gains(gains, gate))) for gains in pairs]


def _coded(rows: DataFrame) -> tuple[Rows, Rows]:
    """Rows with all features, and without those that the others do not know."""
    training = rows.where("split = 'train'")
    stages = features.stage_fitter(_CONTRACT, rows.schema, _SETTINGS.features)(training, "index")
    described = stages.transform(rows.where("split != 'calibration'"))
    names = features.vector_features(stages, described.schema)
    nominal = described.schema[features.VECTOR].metadata["ml_attr"]["attrs"].get("nominal", [])
    table = table_of(described.select("row_key", "split", "label", vector_to_array(features.VECTOR).alias("values")))
    rows.unpersist()
    values, labels = np.vstack(table["values"].to_numpy()), table["label"].to_numpy()
    part = table["split"].to_numpy()
    categories = {one["idx"]: int(values[:, one["idx"]].max()) + 1 for one in nominal}
    bins = learn_bins(values[part == "train"], labels[part == "train"], categories)
    codes = bins.codes(values)
    less = np.array([not name.startswith(_LESS) for name in names])
    return _parts(codes, labels, part), _parts(codes[:, less], labels, part)


def _parts(codes: NDArray[np.uint8], labels: Prices, part: NDArray[np.object_]) -> Rows:
    training, validation, test = (
        Coded(codes[part == name], labels[part == name], np.ones(np.sum(part == name)), is_whole=True)
        for name in ("train", "validation", "test")
    )
    return Rows(training, validation, test)


def _refit(rows: Rows, number: int) -> Prices:
    """Prices of the test rows by a fit on a subsample of the training rows, which lie in order of a hash."""
    chosen = np.random.default_rng(number).random(len(rows.training.labels)) < _SHARE
    sample = replace(
        rows.training, codes=rows.training.codes[chosen], labels=rows.training.labels[chosen],
        weights=rows.training.weights[chosen],
    )  # fmt: skip
    fold, training = CodedFold(sample, rows.validation), _SETTINGS.training
    work = TrialWork([fold], training.patience, {"seed": training.seed}, None, rung_rows=0)
    _, trees = work.run(Proposal("gbt", number, _PARAMETERS, {}, is_final=True), 2)
    booster = xgb.Booster(model_file=bytearray(trees))
    judged = xgb.DMatrix(rows.test.codes.astype(np.float32))
    prices: Prices = scale_of(fold, _PARAMETERS).prices(booster.predict(judged))
    return prices


def _gains(rows: Rows, candidate: Prices, champion: Prices) -> Gains:
    """What a fit gains over another on the test rows, by the product's own comparison."""
    bucket = np.arange(len(candidate)) % _BUCKETS
    errors = {"candidate": candidate - rows.test.labels, "champion": champion - rows.test.labels}
    squares = {name: np.bincount(bucket, error**2) for name, error in errors.items()}
    sizes = {name: np.bincount(bucket, np.abs(error)) for name, error in errors.items()}
    return gating.champion_gains(Comparison({"rmse": squares, "mae": sizes}), _SETTINGS.gate)
