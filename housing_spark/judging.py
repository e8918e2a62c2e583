"""Judging a model: the rows it was made with, the part that each played, their prices, and what was measured."""

from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from housing_spark import evaluation, scoring
from housing_spark.contract import Contract
from housing_spark.errors import InputRefusedError
from housing_spark.evaluation import Baselines
from housing_spark.materializing import materialized
from housing_spark.modelling import with_parts
from housing_spark.registry import RegisteredModel, Registry
from housing_spark.schemas.models import MODEL_METRICS
from housing_spark.tables import Run
from housing_spark.training import SplitRecord

_TRUST = ("ranges", "confidence", "is_extrapolation")


def judged_rows(run: Run, model: RegisteredModel) -> DataFrame:
    """The labelled rows that a model was made with: part, price, range, and the baselines' prices."""
    priced = model.pipeline.transform(parted_rows(run, model))
    return priced.withColumns(Baselines.from_json(model.record["baselines"]).columns())


def parted_rows(run: Run, model: RegisteredModel) -> DataFrame:
    """The labelled rows that a model was made with, and the part that each played; nothing is priced."""
    parts = with_parts(run, _training_rows(run, model), SplitRecord.from_json(model.record["split"]))
    return parts.where(F.col("split").isNotNull())


def with_part(run: Run, rows: DataFrame, model: RegisteredModel, *, are_few: bool = False) -> DataFrame:
    """Rows with the part they played for a model; null for rows that are new to it.

    Args:
        run: The command.
        rows: Rows of the features table.
        model: The model.
        are_few: Whether every executor may hold their keys; no row that the model was made with is then shuffled.
    """
    known = with_parts(run, _training_rows(run, model), SplitRecord.from_json(model.record["split"]))
    parts = known.select("row_key", "split")
    if are_few:
        parts = parts.join(F.broadcast(rows.select("row_key")), on="row_key", how="left_semi")
    return rows.join(parts, on="row_key", how="left")  # row_key is unique in features


def judged_prices(run: Run, model: RegisteredModel, judged: DataFrame) -> DataFrame:
    """Judged rows with what errors are computed from and nothing else, computed now.

    Many queries read them: each would plan the whole model again, also of rows that are kept in memory.
    """
    contract = contract_of(model)
    place = location.columns if (location := contract.location) else ()
    time = ["event_time"] if contract.event_time else []
    prices = ("prediction", "prediction_lower", "prediction_upper", *evaluation.BASELINES)
    own = ("row_key", "split", "label", *prices, *_TRUST)
    segments = [name for name in run.contract.segments if name in judged.columns]
    return materialized(judged.select(*dict.fromkeys((*own, *segments, *place, *time))))


def usable_model(registry: Registry, version: int) -> RegisteredModel:
    """A version that prices homes with all that ``predictions`` says of them.

    Raises:
        InputRefusedError: It was made by code that knew one range of constant width.
    """
    model = registry.load(version)
    if "groups" not in model.record["interval"]:
        raise InputRefusedError(
            "E-RANGE-001", f"{model.name} version {version}: its range knows no difficulty; train it again"
        )
    return model


def ranges_of(model: RegisteredModel) -> evaluation.Ranges:
    """The calibrated ranges of a model."""
    return evaluation.Ranges.from_json(model.record["interval"])


def contract_of(model: RegisteredModel) -> Contract:
    """The contract that a model was made under."""
    return Contract.model_validate(_given(model.record["contract"]))


def test_figures(run: Run, version: int) -> dict[str, float]:
    """The figures of a version on its whole test split, by name, and ``rows``.

    Raises:
        InputRefusedError: The version was never evaluated.
    """
    rows: list[Row] = []
    if run.warehouse.exists(MODEL_METRICS.name):
        table = run.warehouse.read(MODEL_METRICS.name).where(F.col("model_version") == version)
        rows = table.where((F.col("split") == "test") & (F.col("segment_column") == "all")).collect()  # one per figure
    if not rows:
        raise InputRefusedError(
            "E-REG-003", f"model version {version} has no test figures; run 'housing evaluate' first"
        )
    return {row["metric"]: row["value"] for row in rows} | {"rows": max(row["rows"] for row in rows)}


def with_champion(run: Run, judged: DataFrame, champion: RegisteredModel, version: int) -> DataFrame:
    """Rows that were test rows of the champion too, or new to it, with its price.

    Args:
        run: The command.
        judged: Judged rows of another model.
        champion: The champion.
        version: Version of the features table that the judged rows are of.
    """
    price = F.col("prediction").alias("champion_prediction")
    rows = run.warehouse.read("features", version).join(judged.select("row_key"), on="row_key", how="left_semi")
    unseen = with_part(run, rows, champion).where(F.coalesce("split", F.lit("test")) == "test")
    prices: DataFrame = champion.pipeline.transform(unseen).select("row_key", price)
    return judged.join(prices, on="row_key", how="inner")  # unique on both sides; the rest the champion was trained on


def _given(part: dict[str, Any]) -> dict[str, Any]:
    """What its author wrote of a contract: a key without a value would count as given."""
    kept = {name: value for name, value in part.items() if value is not None}
    return {name: _given(value) if isinstance(value, dict) else value for name, value in kept.items()}


def _training_rows(run: Run, model: RegisteredModel) -> DataFrame:
    return run.warehouse.read("features", model.record["tables"]["features"]).where(F.col("label").isNotNull())


def has_trees(model: RegisteredModel) -> bool:
    """Whether trees make its prices."""
    return scoring.is_priced_by_trees(model.pipeline)
