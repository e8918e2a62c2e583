"""A job for spark-submit or plain Python: fit both engines on each layout of the same rows, and keep what came of it.

layout_job.py LAYOUTS RESULTS: a folder of Parquet folders, and a new folder; the workers are the slots of the session.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from rows import VECTOR, folds, session

from housing_spark.scoring.native.ensemble import read_ensemble
from housing_spark.training.estimators import CANDIDATES, RAW_PREDICTION, Inputs
from housing_spark.training.fit import Recipe, fit_model
from housing_spark.training.hist.bins import MAX_BINS
from housing_spark.training.hist.cluster import ClusterFit
from housing_spark.training.hist.matrix import coded_rows, read_fold
from housing_spark.training.hist.trees import spark_model
from housing_spark.training.hist.trial import scale_of
from housing_spark.training.prepare import Fold

_SHARED = {"max_depth": 5, "min_instances_per_node": 5, "step_size": 0.1, "log_target": False}
_HIST = _SHARED | {"l2": 1.0, "column_share": 1.0, "max_trees": 50}
_MLLIB = _SHARED | {"max_bins": 64, "max_trees": 8}


def main() -> None:
    """Write prices as Parquet, and the hashes of the trees as JSON."""
    layouts, results = (Path(argument) for argument in sys.argv[1:3])
    structures = {}
    with session() as (spark, _):
        workers = spark.sparkContext.defaultParallelism
        for layout in sorted(layouts.iterdir()):
            with folds(spark.read.parquet(str(layout))) as prepared:
                fold = prepared.whole("index")
                for engine, model in (("hist", _hist(fold, workers)), ("mllib", _mllib(fold))):
                    name = f"{engine}-{layout.name}"
                    structures[name] = _structure(fold, model, results / "models" / name)
                    _prices(fold.validation, model).write.parquet(str(results / name))
    (results / "structures.json").write_text(json.dumps(structures))


def _hist(fold: Fold, workers: int) -> Any:
    bins, coded = read_fold(fold, VECTOR, 1 << 30)
    scale = scale_of(coded, _HIST)
    fit = ClusterFit(_HIST, {"seed": 7, "nthread": 1}, scale, _HIST["max_trees"], patience=10)
    trees = fit.on(*(coded_rows(part, VECTOR, bins) for part in (fold.training, fold.validation)), workers)
    like = CANDIDATES["gbt"].build(_MLLIB | {"max_bins": MAX_BINS}, Inputs(VECTOR, "label", 7, 64))
    return spark_model(fold.training.sparkSession, [(trees, 1.0)], bins, scale, like)


def _mllib(fold: Fold) -> Any:
    return fit_model(CANDIDATES["gbt"], _MLLIB, fold.training, Recipe(VECTOR, 7, 64, None, 0.0))


def _structure(fold: Fold, model: Any, folder: Path) -> str:
    """A hash of every split: which feature, where, and what lies below it."""
    type(fold.stages)([model]).write().overwrite().save(str(folder))
    ensemble = read_ensemble(folder)
    parts = (ensemble.left, ensemble.features, ensemble.thresholds)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def _prices(rows: DataFrame, model: Any) -> DataFrame:
    return model.transform(rows).selectExpr("row_key", f"{RAW_PREDICTION} AS price").coalesce(1)


if __name__ == "__main__":
    main()
