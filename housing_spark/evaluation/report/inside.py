"""What is seen inside a fitted model: how much each feature counts, and the error after each tree."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
from pyspark.ml import PipelineModel
from pyspark.ml.regression import GBTRegressionModel, LinearRegressionModel, RandomForestRegressionModel
from pyspark.ml.stat import Summarizer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.evaluation.report.facts import Inside
from housing_spark.session import cached

ROWS = 20_000
_MILLION = 1_000_000
_KINDS = (GBTRegressionModel, RandomForestRegressionModel, LinearRegressionModel)
_GAIN = "share of the error that splits on a feature remove, over all trees (Spark's featureImportances)"
_WEIGHT = "|coefficient| x standard deviation on training rows, categories summed, as a share of the total"


def look_inside(pipeline: PipelineModel, described: DataFrame, names: Sequence[str], rows: Mapping[str, int]) -> Inside:
    """Weights and learning curve of a model.

    Args:
        pipeline: The model from feature columns to price.
        described: Its labelled rows with the feature vector, ``split`` and ``label``.
        names: The feature behind each place of the vector.
        rows: Rows of each split.
    """
    stage: Any = next(stage for stage in pipeline.stages if isinstance(stage, _KINDS))
    sampled = described.where(_is_sampled(rows)).select("split", stage.getFeaturesCol(), _target(stage))
    curve: dict[str, tuple[float, ...]] = {}
    with cached(sampled):
        samples = {split: sampled.where(F.col("split") == split) for split in ("train", "validation")}
        if isinstance(stage, LinearRegressionModel):
            spread = samples["train"].agg(Summarizer.std(F.col(stage.getFeaturesCol()))).collect()[0][0]  # one row
            weights, measure = np.abs(stage.coefficients.toArray()) * spread.toArray(), _WEIGHT
        else:
            weights, measure = stage.featureImportances.toArray(), _GAIN
        if isinstance(stage, GBTRegressionModel):
            curve = {split: _curve(stage, sample) for split, sample in samples.items()}
    return Inside(_by_feature(names, weights.tolist()), measure, curve, stage.getLabelCol() != "label")


def _is_sampled(rows: Mapping[str, int]) -> Column:
    """About 20,000 training and 20,000 validation rows, by hash of their key."""
    share = F.pmod(F.xxhash64(F.lit("curve"), "row_key"), F.lit(_MILLION)) / _MILLION
    part = F.col("split")
    return ((part == "train") & (share < ROWS / rows["train"])) | (
        (part == "validation") & (share < ROWS / rows["validation"])
    )


def _target(stage: Any) -> Column:
    """The label on the scale that the model was fitted on."""
    name = stage.getLabelCol()
    return F.col("label") if name == "label" else F.ln("label").alias(name)


def _curve(stage: GBTRegressionModel, sample: DataFrame) -> tuple[float, ...]:
    """RMSE after each tree, from one pass."""
    return tuple(sqrt(loss) for loss in stage.evaluateEachIteration(sample, "squared"))


def _by_feature(names: Sequence[str], weights: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """Shares of the total by feature, largest first."""
    total = float(sum(weights)) or 1.0
    summed: dict[str, float] = {}
    for name, weight in zip(names, weights, strict=True):
        summed[name] = summed.get(name, 0.0) + float(weight) / total
    return tuple(sorted(summed.items(), key=lambda pair: (-pair[1], pair[0])))
