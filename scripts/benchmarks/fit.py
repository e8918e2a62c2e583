"""Boosted trees on the market: our engines, MLlib as a user finds it, and XGBoost by itself."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import xgboost as xgb
from as_found import as_found
from figures import Figure, figure_of, ratios, timed
from pyspark.sql import DataFrame, SparkSession
from rows import VECTOR, folds, market, session, values_of

from housing_spark.settings import Search
from housing_spark.settings.training import Training
from housing_spark.training.estimators import CANDIDATES
from housing_spark.training.fit import Fits, Recipe, SparkFits
from housing_spark.training.hist import Coder, HistFits
from housing_spark.training.prepare import Folds
from housing_spark.training.trials import Proposal, Trial

_ROWS, _FEW_ROWS, _TREES, _DEPTH = 1_000_000, 100_000, 100, 6
_SHARED = {"max_depth": _DEPTH, "min_instances_per_node": 5, "max_trees": _TREES, "log_target": False}
# MLlib's effective shrinkage is twice its stepSize.
_HIST = _SHARED | {"step_size": 0.1, "l2": 1.0, "column_share": 1.0}
_MLLIB = _SHARED | {"step_size": 0.05, "max_bins": 128}


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with session() as (spark, folder):
        path = str(folder / "sales")
        market(spark, _ROWS).write.format("delta").save(path)
        with folds(spark.read.format("delta").load(path)) as prepared:
            yield from _large(prepared)
        path = str(folder / "few")
        market(spark, _FEW_ROWS).write.format("delta").save(path)
        yield _naive(spark, path)


def _large(prepared: Folds) -> Iterator[Figure]:
    hist, mllib = (lambda: _fit(_hist(prepared), _HIST)), (lambda: _fit(_mllib(prepared), _MLLIB))
    values, target = _in_memory(prepared.whole("index").training)
    hist()  # the workers of Python start once
    over_native = ratios(hist, lambda: _native(values, target))
    (slow, theirs), (fast, ours) = timed(mllib), timed(hist)
    what = f"{_ROWS:,} rows x 12, {_TREES} trees of depth {_DEPTH}"
    once = "once: one MLlib fit takes minutes"
    yield figure_of("fit.mllib_over_hist", [slow / fast], ">= 12", f"time of our MLlib fit over hist, {what}; {once}")
    yield figure_of("fit.rmse_hist_over_mllib", [ours.loss / theirs.loss], "<= 1.01", f"validation RMSE; {once}")
    yield figure_of("fit.hist_over_native", over_native, "<= 3", f"time of hist over XGBoost on an array, {what}")


def _naive(spark: SparkSession, path: str) -> Figure:
    """Both engines are MLlib with the same parameters: a user's own session, and rows laid out by us."""
    few = _MLLIB | {"max_depth": 5, "max_bins": 32}  # as Spark's own defaults
    with as_found(path, _TREES) as found, folds(spark.read.format("delta").load(path)) as prepared:
        ours: Callable[[], Trial] = lambda: _fit(_mllib(prepared), few)  # noqa: E731
        read = ratios(found.fit, ours, pairs=1 + 3)[1:]  # the first pair warms up
    what = f"MLlib as found over our MLlib engine, {_FEW_ROWS:,} rows, {_TREES} trees of depth 5; three pairs: minutes"
    return figure_of("fit.naive_over_mllib", read, ">= 2", what)


def _hist(prepared: Folds) -> Fits:
    search = Search(mode="threads", trimmed_share=0.0)
    return HistFits(prepared, Coder(VECTOR, 1 << 30), {}, Training(patience=_TREES), search)


def _mllib(prepared: Folds) -> Fits:
    return SparkFits(CANDIDATES["gbt"], prepared, Recipe(VECTOR, 7, 64, None, 0.0), 1)


def _fit(fits: Fits, parameters: dict[str, Any]) -> Trial:
    """One trial and its model, from prepared rows."""
    [trial] = fits.run_round([Proposal("gbt", 0, parameters, {})])
    fits.model(trial, [trial])
    fits.release()
    return trial


def _in_memory(rows: DataFrame) -> tuple[Any, Any]:
    target = rows.select("label").toArrow()["label"].to_numpy()
    return values_of(rows).astype(np.float32), ((target - target.mean()) / target.std()).astype(np.float32)


def _native(values: Any, target: Any) -> xgb.Booster:
    options = {"eta": 0.1, "max_depth": _DEPTH, "min_child_weight": 5, "max_bin": 256, "nthread": 2}
    return xgb.train(options, xgb.QuantileDMatrix(values, target, max_bin=256), _TREES)
