"""Reasons behind the champion's prices: rows priced by the model itself, and what adds up to each price."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from pyspark.ml import PipelineModel, PredictionModel
from pyspark.ml.functions import vector_to_array
from pyspark.ml.regression import LinearRegressionModel
from pyspark.ml.stat import Summarizer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark import comparing, features, importances, judging, registering, scoring
from housing_spark.contract import Contract
from housing_spark.errors import InputRefusedError, TableDamagedError
from housing_spark.explanation import (
    Explainer,
    Folding,
    LinearExplainer,
    Tree,
    TreeExplainer,
    explained_rows,
    reasons_expr,
)
from housing_spark.registry import RegisteredModel
from housing_spark.schemas.explanations import explanations_table
from housing_spark.session import cached
from housing_spark.tables import Job, Run, StageReport

MOST_DIFFERENCE = 1e-6  # relative, between base plus contributions and what the model says
_LEVEL = "price_level"


def explain(run: Run, *, is_every_row: bool = False) -> StageReport:
    """Write the reasons behind the champion's prices: of a sample of the features table, or of all of it."""
    version, rows = registering.require_champion(run), None if is_every_row else run.settings.explanation.rows
    work, settings = partial(_explain, version=version, rows=rows), (run.settings.explanation,)
    return run.once("explain", work, reads=("features",), settings=settings, model_version=version, rows=rows, logic=2)


def _explain(job: Job, version: int, rows: int | None) -> None:
    run, table = job.run, explanations_table(job.run.contract)
    model = registering.registry_of(run).load(version)
    asked = job.read("features") if rows is None else comparing.chosen(job.read("features"), rows)
    with cached(_compared(run, model, judging.with_part(run, asked, model))) as found:
        difference = _checked(found, model)
        written, importance = job.overwrite(table.select(found), table).rows, importances.mean_sizes(found)
    swapped = importances.permuted(run, model)
    details = {"version": version, "largest_difference": difference, "importance": importance, "permutation": swapped}
    job.finish(rows_in=written, rows_out=written, details=details)


def explain_home(run: Run, key: str) -> dict[str, Any]:
    """The reasons behind one home's price, as a row of ``explanations``; nothing is written.

    Args:
        run: The command.
        key: The home's ``row_key``, or the values of the contract's key with commas between them.

    Raises:
        InputRefusedError: No row has this key.
    """
    model = registering.registry_of(run).load(registering.require_champion(run))
    rows, table = run.warehouse.read("features"), explanations_table(run.contract)
    own = F.concat_ws(",", *(F.col(name).cast("string") for name in run.contract.key))
    is_asked = (F.col("row_key") == key) | (own == key) if run.contract.key else F.col("row_key") == key
    with cached(_compared(run, model, judging.with_part(run, rows.where(is_asked).limit(1), model))) as found:
        homes = table.select(found).collect()  # one row at most
        if not homes:
            names = ",".join(run.contract.key) or "row_key"
            raise InputRefusedError("E-EXPL-002", f"--row {key}: no home has this key; give {names}, or its row_key")
        _checked(found, model)
    return dict(homes[0].asDict(recursive=True))


def _compared(run: Run, model: RegisteredModel, rows: DataFrame) -> DataFrame:
    """Explained rows with comparable sales from a bounded number of the model's training rows."""
    settings, parted = run.settings.explanation, judging.parted_rows(run, model)
    pool = comparing.chosen(parted.where(F.col("split") == "train"), settings.comparable_pool)
    contract = judging.contract_of(model)
    return comparing.compared(explained(run, model, rows), explained(run, model, pool), contract, settings)


def explained(run: Run, model: RegisteredModel, rows: DataFrame) -> DataFrame:
    """Rows of the features table with the columns of ``explanations`` and ``_difference``.

    Args:
        run: The command.
        model: Whose prices are explained.
        rows: Rows of the features table, with the part that each played for the model.
    """
    described, contract = _priced(model.pipeline).transform(rows), judging.contract_of(model)
    folding, is_log = _folding(model, described), bool(model.record["winner"]["parameters"].get("log_target"))
    shown = _shown(contract, folding.sources, described)
    kept = dict.fromkeys(("row_key", *run.contract.key, "split", "content_hash"))
    level = F.col(_LEVEL) if _LEVEL in described.columns else F.lit(1.0)
    going_in = described.select(
        *kept, *comparing.about(contract), shown.alias("_values"),
        vector_to_array(F.col(features.VECTOR)).alias("_vector"), F.col("raw_prediction").alias("_raw"),
        (F.col("prediction") / level).alias("_price"), level.alias(_LEVEL),
    )  # fmt: skip
    found = _at_level(explained_rows(going_in, price_explainer(run, model), folding, is_log=is_log))
    names = F.array(*map(F.lit, folding.sources))
    return found.withColumns({
        "prediction": F.col("_price"), "base_price": F.col("_base"), "model_name": F.lit(model.name),
        "model_version": F.lit(model.version), "explained_at": F.current_timestamp(),
        "contributions": F.map_from_arrays(names, F.col("_contributions")),
        "reasons": reasons_expr(names, run.settings.explanation.top_reasons),
    })  # fmt: skip


def _at_level(found: DataFrame) -> DataFrame:
    """Explained rows in money of their day: the market's level multiplies the base and every reason alike."""
    level = F.col(_LEVEL)
    each = F.transform("_contributions", lambda one: one * level)
    money = {name: F.col(name) * level for name in ("_price", "_base")}
    return found.withColumns({**money, "_contributions": each}).drop(_LEVEL)


def _checked(found: DataFrame, model: RegisteredModel) -> float:
    """The largest difference of explained rows.

    Raises:
        TableDamagedError: It is no rounding: the trees at hand are not those that made the prices.
    """
    [worst] = found.agg(F.max_by(F.struct("row_key", "_difference"), "_difference").alias("worst")).collect()
    key, difference = worst["worst"] or ("none", 0.0)
    if not difference <= MOST_DIFFERENCE:
        raise TableDamagedError(
            "E-EXPL-001", f"{model.name} version {model.version}, row {key}: base and contributions are "
            f"{difference:.1e} away from the price, at most {MOST_DIFFERENCE:g} is rounding; train it again"
        )  # fmt: skip
    return float(difference)


def _priced(pipeline: PipelineModel) -> PipelineModel:
    """The stages as far as the price: those after it say how far to trust it."""
    place = next(place for place, stage in enumerate(pipeline.stages) if isinstance(stage, PredictionModel))
    return PipelineModel(pipeline.stages[: place + 2])


def _folding(model: RegisteredModel, described: DataFrame) -> Folding:
    contract = judging.contract_of(model)
    numeric, categorical = features.feature_names(contract, described.schema)
    place = contract.location.columns if contract.location else ()
    columns = features.vector_features(model.pipeline, described.schema)
    return Folding.of(columns, (*numeric, *categorical), place, features.family_of)


def price_explainer(run: Run, model: RegisteredModel) -> Explainer:
    """What explains the prices of a model; for a linear one its training rows are read, for their means."""
    ensemble = scoring.read_ensemble(model.folder / "sparkml") if judging.has_trees(model) else None
    if ensemble is not None:
        return tree_explainer(ensemble)
    priced = _priced(model.pipeline)
    linear = next(stage for stage in priced.stages if isinstance(stage, LinearRegressionModel))
    training = priced.transform(judging.parted_rows(run, model).where(F.col("split") == "train"))
    [row] = training.agg(Summarizer.mean(F.col(features.VECTOR)).alias("mean")).collect()
    return LinearExplainer(linear.intercept, linear.coefficients.toArray(), row["mean"].toArray())


def tree_explainer(ensemble: scoring.Ensemble) -> TreeExplainer:
    """What explains the trees of an ensemble."""
    trees = []
    for nodes in ensemble.trees():
        sent = {
            place - nodes.start: left for place, left in ensemble.left_sets.items() if nodes.start <= place < nodes.stop
        }
        trees.append(Tree(
            ensemble.left[nodes].astype(np.intp), ensemble.features[nodes].astype(np.intp), ensemble.thresholds[nodes],
            ensemble.values[nodes], ensemble.rows[nodes], sent,
        ))  # fmt: skip
    return TreeExplainer(trees)


def _shown(contract: Contract, sources: Sequence[str], described: DataFrame) -> Column:
    """What a person is shown of each source: the value of a feature, a place, a price of neighbours."""
    place = contract.location.columns if contract.location else ()
    texts = {
        "location": F.concat_ws(", ", *(F.round(F.col(name).cast("double"), 5).cast("string") for name in place)),
        "neighbours": F.round("near__price_weighted", 0).cast("string")
        if "near__price_weighted" in described.columns
        else None,
    }
    values = [texts.get(name, F.col(name).cast("string") if name in described.columns else None) for name in sources]
    return F.array(*(F.lit(None).cast("string") if value is None else value for value in values))
