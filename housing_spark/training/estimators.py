"""The candidates: what each is called, how categories must be coded for it, how it is built and trimmed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from pyspark import SparkContext
from pyspark.ml.regression import (
    GBTRegressionModel,
    GBTRegressor,
    LinearRegression,
    RandomForestRegressor,
)
from pyspark.sql import DataFrame

from housing_spark.training.prepare import WEIGHT
from housing_spark.training.trials import Parameters

RAW_PREDICTION = "raw_prediction"
_CHECKPOINT_EVERY = 10


@dataclass(frozen=True)
class Inputs:
    """What an estimator reads in prepared rows, and what every fit of a search shares."""

    features: str
    target: str
    seed: int
    max_categories: int


class Build(Protocol):
    """Builds an unfitted Spark ML regressor."""

    def __call__(self, parameters: Parameters, inputs: Inputs) -> Any:
        """The regressor with these parameters, reading these inputs."""


@dataclass(frozen=True)
class Candidate:
    """One kind of estimator."""

    name: str
    encoding: Literal["index", "one_hot"]
    build: Build
    trim: Callable[[Any, DataFrame], tuple[Any, int]] | None = None


def _gbt(parameters: Parameters, inputs: Inputs) -> GBTRegressor:
    return GBTRegressor(
        maxIter=parameters["max_trees"],
        stepSize=parameters["step_size"],
        maxDepth=parameters["max_depth"],
        maxBins=max(parameters["max_bins"], inputs.max_categories),
        minInstancesPerNode=parameters["min_instances_per_node"],
        checkpointInterval=_CHECKPOINT_EVERY,
        **_columns(inputs),
        seed=inputs.seed,
    )


def _random_forest(parameters: Parameters, inputs: Inputs) -> RandomForestRegressor:
    return RandomForestRegressor(
        numTrees=parameters["trees"],
        maxDepth=parameters["max_depth"],
        featureSubsetStrategy=str(parameters["feature_share"]),
        maxBins=max(64, inputs.max_categories),
        **_columns(inputs),
        seed=inputs.seed,
    )


def _elastic_net(parameters: Parameters, inputs: Inputs) -> LinearRegression:
    return LinearRegression(
        regParam=parameters["regularization"],
        elasticNetParam=parameters["l1_share"],
        **_columns(inputs),
        maxIter=100,
    )


def _columns(inputs: Inputs) -> dict[str, Any]:
    return {"featuresCol": inputs.features, "labelCol": inputs.target, "weightCol": WEIGHT,
            "predictionCol": RAW_PREDICTION}  # fmt: skip


def _trim_gbt(model: GBTRegressionModel, validation: DataFrame) -> tuple[GBTRegressionModel, int]:
    """The ensemble cut where the validation error is lowest, from one pass over the whole learning curve."""
    curve = model.evaluateEachIteration(validation, "squared")
    trees = int(np.argmin(curve)) + 1
    return first_trees(model, trees), trees


def first_trees(model: GBTRegressionModel, trees: int) -> GBTRegressionModel:
    """The model of an ensemble's first trees; boosting adds trees without changing earlier ones."""
    java_model: Any = model._java_obj  # noqa: SLF001  # Spark's Python model has no door to its trees as a model
    gateway = SparkContext._gateway  # noqa: SLF001  # the same: trees as a model need the JVM
    assert gateway is not None  # noqa: S101  # there is a fitted model, so there is a gateway
    package = gateway.jvm.org.apache.spark.ml
    kept = gateway.new_array(package.regression.DecisionTreeRegressionModel, trees)
    weights = gateway.new_array(gateway.jvm.double, trees)
    all_trees, all_weights = java_model.trees(), java_model.treeWeights()
    for place in range(trees):
        kept[place], weights[place] = all_trees[place], all_weights[place]
    cut = package.regression.GBTRegressionModel(java_model.uid(), kept, weights, java_model.numFeatures())
    first = GBTRegressionModel(java_model.copyValues(cut, package.param.ParamMap.empty()))
    first._transfer_params_from_java()  # noqa: SLF001  # as Spark's own readers do
    return first


CANDIDATES: dict[str, Candidate] = {
    candidate.name: candidate
    for candidate in (
        Candidate("gbt", "index", _gbt, _trim_gbt),
        Candidate("random_forest", "index", _random_forest),
        Candidate("elastic_net", "one_hot", _elastic_net),
    )
}
