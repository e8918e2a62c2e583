"""XGBoost's trees as Spark's ``GBTRegressionModel``: written in the files that Spark reads its own trees from."""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
from pyspark.ml.regression import GBTRegressionModel, GBTRegressor
from pyspark.sql import SparkSession

from housing_spark.training.hist.bins import Bins
from housing_spark.training.hist.boost import Scale

_PACKAGE = "org.apache.spark.ml.regression"
_SPLIT = pa.struct(
    {"featureIndex": pa.int32(), "leftCategoriesOrThreshold": pa.list_(pa.float64()), "numCategories": pa.int32()}
)
_NODE = pa.struct(
    {"id": pa.int32(), "prediction": pa.float64(), "impurity": pa.float64(), "impurityStats": pa.list_(pa.float64()),
     "rawCount": pa.int64(), "gain": pa.float64(), "leftChild": pa.int32(), "rightChild": pa.int32(), "split": _SPLIT}
)  # fmt: skip
_NO_SPLIT = {"featureIndex": -1, "leftCategoriesOrThreshold": [], "numCategories": -1}
_Node = dict[str, Any]


def spark_model(
    spark: SparkSession, ensembles: Sequence[tuple[bytes, float]], bins: Bins, scale: Scale, regressor: GBTRegressor
) -> GBTRegressionModel:
    """The weighted mean of ensembles as a model of Spark's own, of all their trees.

    Args:
        spark: With a checkpoint directory, which driver and executors share.
        ensembles: Boosters as JSON, fitted on codes, with weights that add up to 1.
        bins: What the codes stand for.
        scale: What the leaves stand for.
        regressor: Names of columns, and parameters to note in the model.
    """
    trees = [[_leaf(0, scale.centre, 0.0)]]
    for raw, weight in ensembles:
        ensemble = json.loads(raw)["learner"]["gradient_booster"]["model"]["trees"]
        # In the leaves rather than as weights of trees, which not every reader of Spark's trees minds.
        trees += [_nodes(tree, bins, scale.spread * weight) for tree in ensemble]
    folder = f"{spark.sparkContext.getCheckpointDir()}/trees-{uuid.uuid4().hex}"
    noted = regressor.copy({regressor.maxIter: len(trees)})
    _write(spark, folder, trees, noted, len(bins.cuts))
    return GBTRegressionModel.load(folder)


def _nodes(tree: Mapping[str, Sequence[Any]], bins: Bins, spread: float) -> list[_Node]:
    """The nodes of a tree; XGBoost numbers parents before their children, which is what Spark asks for."""
    parts = (tree[name] for name in ("left_children", "right_children", "split_indices", "split_conditions",
                                     "sum_hessian", "loss_changes", "base_weights"))  # fmt: skip
    nodes = []
    for number, (left, right, feature, condition, rows, gain, weight) in enumerate(zip(*parts, strict=True)):
        if left == -1:
            nodes.append(_leaf(number, condition * spread, rows))
            continue
        sent_left, categories = bins.goes_left(feature, round(condition))
        split = {"featureIndex": feature, "leftCategoriesOrThreshold": sent_left, "numCategories": categories}
        # XGBoost's gain is a sum over rows; Spark's importances multiply its own, a mean, by the rows.
        facts = {"gain": gain / rows * spread**2, "leftChild": left, "rightChild": right, "split": split}
        nodes.append(_leaf(number, weight * spread, rows) | facts)
    return nodes


def _leaf(number: int, prediction: float, rows: float) -> _Node:
    return {
        "id": number, "prediction": prediction, "impurity": 0.0, "impurityStats": [rows, rows * prediction, 0.0],
        "rawCount": round(rows), "gain": -1.0, "leftChild": -1, "rightChild": -1, "split": _NO_SPLIT,
    }  # fmt: skip


def _write(spark: SparkSession, folder: str, trees: Sequence[Sequence[_Node]], like: GBTRegressor, size: int) -> None:
    given = {parameter.name: value for parameter, value in like.extractParamMap().items()}
    shared = {name: given[name] for name in ("maxDepth", "maxBins", "minInstancesPerNode", "seed", "impurity")}
    one = _metadata(spark, "DecisionTreeRegressionModel", shared)
    whole = _metadata(spark, "GBTRegressionModel", given) | {"numFeatures": size, "numTrees": len(trees)}
    spark.createDataFrame(pa.table({"value": [json.dumps(whole)]})).coalesce(1).write.text(f"{folder}/metadata")
    described = {"treeID": pa.array(range(len(trees)), pa.int32()),
                 "metadata": [json.dumps(one | {"numFeatures": size})] * len(trees),
                 "weights": [1.0] * len(trees)}  # fmt: skip
    numbers = chain.from_iterable([place] * len(tree) for place, tree in enumerate(trees))
    nodes = {"treeID": pa.array(numbers, pa.int32()), "nodeData": pa.array(chain.from_iterable(trees), _NODE)}
    for name, table in (("treesMetadata", described), ("data", nodes)):
        spark.createDataFrame(pa.table(table)).coalesce(1).write.parquet(f"{folder}/{name}")


def _metadata(spark: SparkSession, kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "class": f"{_PACKAGE}.{kind}", "timestamp": int(time.time() * 1000), "sparkVersion": spark.version,
        "uid": f"{kind}_{uuid.uuid4().hex[:12]}", "paramMap": parameters, "defaultParamMap": {},
    }  # fmt: skip
