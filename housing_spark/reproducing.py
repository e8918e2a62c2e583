"""Predictions made again, from the table versions, the model and the code path that their passports name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import cleaning, judging, modelling, pricing, registering, scoring, training
from housing_spark.contract import Contract, contract_hash
from housing_spark.errors import InputRefusedError, TableDamagedError
from housing_spark.features import describe_sales
from housing_spark.hashing import first_by_hash
from housing_spark.pinning import clean_versions
from housing_spark.registry import RegisteredModel
from housing_spark.schemas.models import SCORING_RUNS, predictions_table
from housing_spark.studying import subject_of
from housing_spark.tables import Run

_PRICES = ("prediction", "prediction_lower", "prediction_upper")
_SAMPLE_SALT = "reproduce"


@dataclass(frozen=True)
class Reproduced:
    """What became of the predictions of one scoring run.

    Attributes:
        scoring_run_id: The run.
        model_version: The model that made them.
        predictions: Made again.
        differing: Of which a price or an end of its range, or the part that the row played, is another.
        largest_difference: Of a price or an end of its range, relative.
        is_described_again: Whether the features came from the clean rows again; else they were taken as stored, since
            the contract of that time is not at hand.
        is_retrained: Whether the model was trained again.
    """

    scoring_run_id: str
    model_version: int
    predictions: int
    differing: int
    largest_difference: float
    is_described_again: bool
    is_retrained: bool


def chosen_predictions(run: Run, prediction_id: str | None, sample: int) -> DataFrame:
    """One prediction, or a sample by hash of all that have a passport.

    Raises:
        InputRefusedError: There are none, or none of that name.
    """
    table = predictions_table(run.contract)
    if not run.warehouse.exists(SCORING_RUNS.name):
        raise InputRefusedError("E-REPRO-001", f"{run.contract.dataset}: nothing was priced yet; run 'housing score'")
    passports = run.warehouse.read(SCORING_RUNS.name).select("scoring_run_id")
    finished = table.select(run.warehouse.read(table.name).join(passports, on="scoring_run_id", how="left_semi"))
    if prediction_id is None:
        return first_by_hash(finished, sample, salt=_SAMPLE_SALT)
    found = finished.where(F.col("prediction_id") == prediction_id)
    if found.isEmpty():
        raise InputRefusedError(
            "E-REPRO-001",
            f"prediction {prediction_id}: not in {run.contract.dataset}.predictions, or its run did not end",
        )
    return found


def make_again(run: Run, chosen: DataFrame, *, is_deep: bool) -> Iterator[Reproduced]:
    """Make predictions again, a scoring run at a time.

    Args:
        run: The command.
        chosen: Rows of the predictions table, not many.
        is_deep: Train their models again too, from the recorded trials.

    Raises:
        TableDamagedError: A version that is needed is gone, or rows or model are not what the passport says.
    """
    passports = run.warehouse.read(SCORING_RUNS.name).join(chosen, on="scoring_run_id", how="left_semi")
    for row in passports.orderBy("scored_at").collect():  # at most one for each chosen prediction
        passport = row.asDict()
        wanted = chosen.where(F.col("scoring_run_id") == passport["scoring_run_id"])
        yield _make_run_again(replace(run, valued_on=passport["valued_on"]), passport, wanted, is_deep=is_deep)


def _make_run_again(run: Run, passport: Mapping[str, Any], wanted: DataFrame, *, is_deep: bool) -> Reproduced:
    model = judging.usable_model(registering.registry_of(run), passport["model_version"])
    if model.artifact_sha256 != passport["artifact_sha256"]:
        raise TableDamagedError(
            "E-REPRO-002", f"{model.name} version {model.version}: scoring run {passport['scoring_run_id']} used a "
            f"folder with hash {passport['artifact_sha256'][:12]}, registered is {model.artifact_sha256[:12]}"
        )  # fmt: skip
    rows, origin = _stored_rows(run, passport, wanted), _origin(run, model, passport)
    if origin is not None:
        rows = _described_again(run, *origin, rows)
    is_native = passport["engine"] == "native" and not is_deep
    native = pricing.native_trees(run, model) if is_native else None
    pipeline = _trained_again(run, model) if is_deep else model.pipeline
    priced = scoring.price_rows(
        pricing.valued_rows(run, judging.with_part(run, rows, model)), pipeline, native, "again", None
    )
    counted = _compared(wanted, priced)
    return Reproduced(
        passport["scoring_run_id"], model.version, counted["predictions"], counted["differing"], counted["largest"],
        is_described_again=origin is not None, is_retrained=is_deep,
    )  # fmt: skip


def _origin(run: Run, model: RegisteredModel, passport: Mapping[str, Any]) -> tuple[Contract, int] | None:
    """The contract that rows were described by and the version of the clean table, where both are at hand."""
    known = (run.contract, judging.contract_of(model))
    contract = next((one for one in known if contract_hash(one) == passport["contract_hash"]), None)
    version = passport["input_version"]
    clean = clean_versions(run, [version]).get(version)
    return None if contract is None or clean is None else (contract, clean)


def _stored_rows(run: Run, passport: Mapping[str, Any], wanted: DataFrame) -> DataFrame:
    """The rows of the features table as they were priced: all of them, and with the content that was priced."""
    rows = run.warehouse.read("features", passport["input_version"])
    found = rows.join(wanted.select("row_key", "content_hash"), on=["row_key", "content_hash"], how="left_semi")
    missing = wanted.count() - found.count()
    if missing:
        raise TableDamagedError(
            "E-REPRO-003", f"features version {passport['input_version']}: lacks {missing} rows that scoring run "
            f"{passport['scoring_run_id']} priced; see housing verify"
        )  # fmt: skip
    return found


def _described_again(run: Run, contract: Contract, version: int, stored: DataFrame) -> DataFrame:
    """The same rows described anew from the clean rows that they came from.

    Raises:
        TableDamagedError: They are not what is stored.
    """
    group = cleaning.hash_expr(contract.group) if contract.group else F.col("row_key")
    clean = run.warehouse.read("clean", version).join(stored.select("row_key"), on="row_key", how="left_semi")
    described, table = describe_sales(clean, contract, group)
    kept = table.select(stored)
    if not (described.exceptAll(kept).isEmpty() and kept.exceptAll(described).isEmpty()):
        raise TableDamagedError(
            "E-REPRO-004", f"clean version {version}: its rows make other features than are stored; see housing verify"
        )
    return described


def _trained_again(run: Run, model: RegisteredModel) -> PipelineModel:
    """The model made again from its rows, its settings and its recorded trials."""
    subject, rows = subject_of(run, model), judging.parted_rows(run, model)
    plan = modelling.search_plan(subject.contract, subject.settings, rows.schema)
    is_positive = rows.agg(F.min("label")).collect()[0][0] > 0
    finished = modelling.finished_trials(run, model.study)
    winner = training.search_winner(rows, replace(plan, is_log_possible=is_positive, finished=finished))
    settings = subject.settings.evaluation
    return modelling.with_trust(rows, winner, subject.contract, settings, is_positive=is_positive)[0]


def _compared(wanted: DataFrame, priced: DataFrame) -> dict[str, Any]:
    """How far prices, ends of ranges and parts are from those that stand."""
    again = priced.select("row_key", *(F.col(name).alias(f"{name}_again") for name in (*_PRICES, "split")))
    both = wanted.join(again, on="row_key", how="inner")
    size = F.nullif(F.abs("prediction"), F.lit(0.0))  # the end of a range may be 0
    apart = F.coalesce(
        F.greatest(*(F.abs(F.col(f"{name}_again") - F.col(name)) / size for name in _PRICES)), F.lit(0.0)
    )
    is_other = (apart > 0) | ~F.col("split_again").eqNullSafe(F.col("split"))
    counted = both.agg(
        F.count(F.lit(1)).alias("predictions"), F.count_if(is_other).alias("differing"), F.max(apart).alias("largest")
    )
    return counted.collect()[0].asDict()
