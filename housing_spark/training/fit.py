"""One trial: fit on each fold, trim, and judge in the label's currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.metrics import rmse_expr
from housing_spark.training.estimators import RAW_PREDICTION, Candidate, Inputs
from housing_spark.training.prepare import LABEL, LOG_LABEL, Fold
from housing_spark.training.trials import Parameters, Proposal, Trial

TARGET_SCALE = "log_target"


@dataclass(frozen=True)
class Recipe:
    """What every fit of a search shares."""

    vector: str
    seed: int
    max_categories: int


def run_trial(
    proposal: Proposal, candidate: Candidate, folds: Sequence[Fold], recipe: Recipe
) -> tuple[Trial, list[Any]]:
    """The trial of a proposal (mean validation RMSE over the folds, mean number of trees kept), and its models."""
    started = monotonic()
    losses: list[float] = []
    trees: list[int] = []
    models: list[Any] = []
    for fold in folds:
        model = fit_model(candidate, proposal.parameters, fold.training, recipe)
        if candidate.trim is not None:
            model, kept = candidate.trim(model, fold.validation)
            trees.append(kept)
        models.append(model)
        losses.append(_validation_rmse(model, fold.validation, proposal.parameters))
    mean_trees = round(sum(trees) / len(trees)) if trees else None
    loss, seconds = sum(losses) / len(losses), monotonic() - started
    trial = Trial(proposal.estimator, proposal.number, proposal.parameters, proposal.point, loss, mean_trees, seconds)
    return trial, models


def fit_model(candidate: Candidate, parameters: Parameters, training: DataFrame, recipe: Recipe) -> Any:
    """The fitted Spark ML model; predicts on the scale that it was fitted on."""
    target = LOG_LABEL if parameters.get(TARGET_SCALE) else LABEL
    inputs = Inputs(recipe.vector, target, recipe.seed, recipe.max_categories)
    return candidate.build(parameters, inputs).fit(training)


def price_stage(parameters: Parameters) -> SQLTransformer:
    """The stage that turns a raw prediction into a price."""
    price = f"EXP({RAW_PREDICTION})" if parameters.get(TARGET_SCALE) else RAW_PREDICTION
    return SQLTransformer(statement=f"SELECT *, {price} AS prediction FROM __THIS__")  # noqa: S608  # two fixed texts


def _validation_rmse(model: Any, validation: DataFrame, parameters: Parameters) -> float:
    priced = price_stage(parameters).transform(model.transform(validation))
    return float(priced.agg(rmse_expr(F.col(LABEL), F.col("prediction"))).collect()[0][0])
