"""Shapley values of a model's trees: whether they add up, and beside the ``shap`` package on the same trees."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time

import numpy as np
from figures import Figure, figure_of
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rows import NUMBERS, VECTOR, market, session, values_of
from trees import fitted

from housing_spark.explaining import tree_explainer
from housing_spark.explanation import Folding, Tree, TreeExplainer, explained_rows
from housing_spark.explanation.shapley import tree_contributions
from housing_spark.features import family_of
from housing_spark.scoring import Ensemble, read_ensemble

_FITTED, _ROWS, _PEER_ROWS, _READINGS = 50_000, 5_000, 1_000, 3
_SIZES = {"": (200, 8), "_shallow": (200, 5)}
_PARTS = ("left", "features", "thresholds", "values", "covers")
_ROOT = Path(__file__).parent.parent.parent
_PEER = _ROOT / ".venv" / "shap"


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    python = _peer_python()
    with session() as (spark, folder):
        assembling = VectorAssembler(inputCols=list(NUMBERS), outputCol=VECTOR)  # shap knows no categories of ours
        vectors = assembling.transform(market(spark, _FITTED)).persist()
        for name, (trees, depth) in _SIZES.items():
            model = PipelineModel([fitted(vectors, trees=trees, depth=depth)])
            model.save(str(folder / f"model{name}"))
            explainer = tree_explainer(_read(folder / f"model{name}"))
            what = f"{trees} trees of depth {depth}"
            yield _apart(name, model.transform(vectors.limit(_ROWS)), explainer, what)
            yield from _beside_shap(name, explainer.trees, values_of(vectors.limit(_PEER_ROWS)), (python, folder), what)


def _read(folder: Path) -> Ensemble:
    ensemble = read_ensemble(folder)
    if ensemble is None:
        raise ValueError("the model has no trees")
    return ensemble


def _apart(name: str, priced: DataFrame, explainer: TreeExplainer, what: str) -> Figure:
    going_in = priced.repartition(2).select(
        vector_to_array(VECTOR).alias("_vector"), F.col("price").alias("_raw"), F.col("price").alias("_price")
    )
    folding = Folding.of(NUMBERS, NUMBERS, ("latitude", "longitude"), family_of)
    found = explained_rows(going_in, explainer, folding, is_log=False)
    largest = found.select("_difference").toArrow()["_difference"].to_numpy().max()
    what = f"base plus contributions from Spark's prediction, relative, largest of {_ROWS:,} rows, {what}; once"
    return figure_of(f"explain.max_difference{name}", [float(largest)], "<= 1e-6", what)


def _beside_shap(
    name: str, trees: Sequence[Tree], values: np.ndarray, peer: tuple[Path, Path], what: str
) -> Iterator[Figure]:
    """Seconds of one core, in turn."""
    python, folder = peer
    given, answer = folder / "trees.npz", folder / "answer.npz"
    parts = {one: np.concatenate([getattr(tree, one) for tree in trees]) for one in _PARTS}
    np.savez(given, sizes=[len(tree.left) for tree in trees], rows=values, **parts)
    rates, ratios, apart = [], [], []
    for _ in range(_READINGS):
        started = process_time()
        _, own = tree_contributions(trees, values)
        seconds = process_time() - started
        subprocess.run([python, Path(__file__).parent / "shap_peer.py", given, answer], check=True)
        other = np.load(answer)
        rates.append(len(values) / seconds)
        ratios.append(float(other["seconds"]) / seconds)
        apart.append(float(np.abs(own - other["found"]).max() / np.abs(other["found"]).max()))
    what = f"{len(values):,} rows x {values.shape[1]}, {what}"
    once = "three times: the packages run one after another"
    yield figure_of(f"explain.rows_per_second{name}", rates, None, f"rows a second of one core, {what}; no ratio")
    yield figure_of(
        f"explain.rows_per_second_over_shap{name}", ratios, None, f"rows a second over shap's, {what}; {once}"
    )
    yield figure_of(f"explain.difference_from_shap{name}", apart, None, f"largest, over the largest value, {what}")


def _peer_python() -> Path:
    """The Python of an environment that has ``shap``, made once."""
    python = _PEER / "bin" / "python"
    if not (_PEER / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", _PEER], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "-r", _ROOT / "requirements-shap.lock"], check=True)
        (_PEER / "ready").touch()
    return python
