"""Error over five splits: our models, and LightGBM tuned beside them; on the published California file, and others."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from accuracy_fit import (
    Judged,
    elastic_net,
    judged,
    on_our_features,
    on_raw_columns,
    ours,
    prepared,
    shuffled_error,
    split_ratio,
    table_of,
    with_parts,
)
from california import california_file
from figures import Figure, figure_of
from lightgbm_peer import trials, tuned_prices
from pyspark.sql import DataFrame
from rows import session

from housing_spark.contract import load_contract

_SALTS = tuple(f"split {number}" for number in range(5))
_BLEND = 5
_CONTRACT = load_contract("california")
# As scikit-learn's fetch_california_housing has them.
_PER_HOUSEHOLD = {
    "rooms": ("total_rooms", "households"), "bedrooms": ("total_bedrooms", "households"),
    "occupancy": ("population", "households"),
}  # fmt: skip
_WHOLE_HOUSEHOLD = ("median_income", "housing_median_age", "population", "latitude", "longitude", *_PER_HOUSEHOLD)
_RAW_ONLY = ("features.families.neighbours=false", "features.rotations=[]")
_MARKET = "market:rows=20000,seed=7"


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name, session() as (spark, _):
        described = prepared(spark, Path(name), "california", str(california_file()))
        yield from _california([_split(described, salt) for salt in _SALTS])
        shuffled = {"": shuffled_error(described, _CONTRACT)}
        others = {}
        for dataset, source in (("ames", None), ("market", _MARKET)):
            contract, rows = load_contract(dataset), prepared(spark, Path(name), dataset, source)
            others[dataset] = [split_ratio(rows, contract, salt) for salt in _SALTS]
            shuffled[f"_{dataset}"] = shuffled_error(rows, contract)
    what = "test RMSE over the spread of prices, prices shuffled among rows, every family of features on; one split"
    for suffix, error in shuffled.items():
        yield figure_of(f"accuracy.shuffled_labels{suffix}", [error], ">= 0.99", what)
    what = (
        f"our one model over LightGBM on {{}}'s raw columns: test RMSE, {trials()} trials each; value: mean over splits"
    )
    for dataset, ratios in others.items():
        yield figure_of(f"accuracy.{dataset}_over_lightgbm_raw", ratios, "<= 1", what.format(dataset), mean)


def _california(splits: list[Judged]) -> Iterator[Figure]:
    mean_of = f"test RMSE, {trials()} trials each; value: mean over splits"
    rows = (
        ("single_over_lightgbm_raw", "single", "raw", "<= 0.86", "our one model over LightGBM, file's columns"),
        ("best_over_lightgbm_raw", "best", "raw", "<= 0.85", f"a blend of up to {_BLEND} over the same"),
        ("best_over_lightgbm_per_household", "best", "per_household", None, "the same over it on scikit-learn's eight"),
        ("gbt_over_lightgbm_same_features", "single", "same", "<= 1.01", "our gbt over LightGBM on our features"),
        ("elastic_net_gain", "elastic_net", "elastic_net_raw", "<= 0.6", "elastic net, our features over raw ones"),
    )  # fmt: skip
    for name, one, other, bound, what in rows:
        for suffix, is_capped in (("", True), ("_uncapped", False)):
            readings = [split.ratio(one, other, is_capped=is_capped) for split in splits]
            said = f"{what}: {mean_of}" if is_capped else "the same without test rows whose price is capped at 500,001"
            yield figure_of(f"accuracy.{name}{suffix}", readings, bound if is_capped else None, said, mean)
    yield figure_of(
        "accuracy.single_rmse",
        [split.rmse("single") for split in splits],
        None,
        "USD, test RMSE of our one model",
        mean,
    )


def _split(described: DataFrame, salt: str) -> Judged:
    """Everything about one split."""
    rows = with_parts(described, _CONTRACT, salt)
    prices, model = ours(rows, _CONTRACT, _BLEND)
    plain = _CONTRACT.model_copy(update={"features": _CONTRACT.features.model_copy(update={"derived": {}})})
    table = table_of(rows)
    per_household = table.assign(**{name: table[one] / table[other] for name, (one, other) in _PER_HOUSEHOLD.items()})
    theirs = {
        "raw": on_raw_columns(rows, _CONTRACT),
        "per_household": tuned_prices(per_household, _WHOLE_HOUSEHOLD, trials()),
        "same": on_our_features(rows, model),
        "elastic_net": elastic_net(rows, _CONTRACT),
        "elastic_net_raw": elastic_net(rows, plain, *_RAW_ONLY),
    }
    found = judged(rows, _CONTRACT, prices | theirs)
    rows.unpersist()
    return found
