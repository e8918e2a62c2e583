"""Judging and using a model: the rows it is judged on, and the passport of its prices."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from housing_spark import changes, evaluation, scoring
from housing_spark.contract import Contract, contract_hash
from housing_spark.errors import InputRefusedError
from housing_spark.evaluation import Baselines
from housing_spark.materializing import materialized
from housing_spark.modelling import with_parts
from housing_spark.provenance import read_provenance
from housing_spark.registry import RegisteredModel, Registry
from housing_spark.schemas.models import MODEL_METRICS, SCORING_RUNS
from housing_spark.tables import Job, Run
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


def with_part(run: Run, rows: DataFrame, model: RegisteredModel) -> DataFrame:
    """Rows with the part they played for a model; null for rows that are new to it."""
    parts = with_parts(run, _training_rows(run, model), SplitRecord.from_json(model.record["split"]))
    return rows.join(parts.select("row_key", "split"), on="row_key", how="left")  # row_key is unique in features


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


def native_trees(run: Run, model: RegisteredModel) -> Sequence[scoring.NativeEnsemble] | None:
    """The trees that batch scoring walks instead of the pipeline's; ``None`` by setting, or where a model has no trees.

    Raises:
        InputRefusedError: A model with trees was registered without their native form.
    """
    if run.settings.scoring.engine == "spark" or not has_trees(model):
        return None
    native = scoring.load_native(model.folder)
    if native is None:
        raise InputRefusedError(
            "E-MODEL-003", f"{model.name} version {model.version}: registered without native trees; train it again, or "
            "score with --set scoring.engine=spark"
        )  # fmt: skip
    return native


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


def finished_predictions(run: Run) -> DataFrame | None:
    """The predictions at the run's valuation date by scoring runs that left a passport; ``None`` before the first."""
    if not run.warehouse.exists(SCORING_RUNS.name):
        return None
    finished = run.warehouse.read(SCORING_RUNS.name).select("scoring_run_id")
    predictions = run.warehouse.read("predictions").join(finished, on="scoring_run_id", how="left_semi")
    return predictions.where(F.col("valued_on").eqNullSafe(F.lit(run.valued_on).cast("date")))


def unpriced_rows(job: Job, version: int) -> tuple[DataFrame, changes.Mark]:
    """The rows that the newest price is not a version's of, in their present content, and how far their table has come.

    Where the last job priced all rows up to somewhere, only later ones are looked at.
    """
    mark = changes.mark_of(job.run, "features")
    before = changes.goes_on(job.continues, mark)
    rows = changes.later_rows(job.read("features"), before)
    found = scoring.unpriced_rows(rows, finished_predictions(job.run), version, are_few=before is not None)
    return (materialized(found) if before else found), mark  # a few rows out of a join: they are counted, then priced


def valued_rows(run: Run, rows: DataFrame, model: RegisteredModel) -> DataFrame:
    """Rows to price with the part they played for a model, as if they were sold on the run's valuation date.

    A later date knows more sales, an earlier one fewer: that of the row's neighbours and of the market's level.
    """
    parted = with_part(run, rows, model)
    if run.valued_on is None:
        return parted
    when = F.lit(run.valued_on).cast(rows.schema["event_time"].dataType)
    return parted.withColumn("event_time", when)


def passport(job: Job, model: RegisteredModel, priced: DataFrame, *, is_native: bool) -> DataFrame:
    """The passport of a scoring run as a row of ``scoring_runs``."""
    content = F.bit_xor(F.xxhash64("row_key", "content_hash"))
    row = priced.agg(F.count(F.lit(1)).alias("rows"), F.hex(content).alias("hash")).collect()[0]
    facts = scoring.Passport(
        scoring_run_id=job.write_identity, model_name=model.name, model_version=model.version,
        artifact_sha256=model.artifact_sha256, mlflow_run_id=model.run_id, input_version=job.versions["features"],
        rows=row["rows"], content_hash=row["hash"], contract_hash=contract_hash(job.run.contract),
        interval_level=ranges_of(model).level, engine="native" if is_native else "spark", valued_on=job.run.valued_on,
        scored_at=datetime.now(UTC),
    )  # fmt: skip
    return job.rows(SCORING_RUNS, [scoring.passport_row(facts, read_provenance())])


def _given(part: dict[str, Any]) -> dict[str, Any]:
    """What its author wrote of a contract: a key without a value would count as given."""
    kept = {name: value for name, value in part.items() if value is not None}
    return {name: _given(value) if isinstance(value, dict) else value for name, value in kept.items()}


def _training_rows(run: Run, model: RegisteredModel) -> DataFrame:
    return run.warehouse.read("features", model.record["tables"]["features"]).where(F.col("label").isNotNull())


def has_trees(model: RegisteredModel) -> bool:
    """Whether trees make its prices."""
    return scoring.is_priced_by_trees(model.pipeline)
