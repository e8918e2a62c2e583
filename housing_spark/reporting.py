"""The report of a model: facts from its rows, tables and record, drawn and kept beside the tables and in MLflow."""

import logging
import tempfile
import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlflow import MlflowClient
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import features, judging, measuring, pages, registering
from housing_spark.contract import Contract
from housing_spark.evaluation import report
from housing_spark.metrics import price_metrics
from housing_spark.registry import RegisteredModel, Registry
from housing_spark.schemas.models import TRIALS
from housing_spark.session import at_once
from housing_spark.tables import Run

_LOG = logging.getLogger(__name__)
_ARTIFACTS = "report"
_STUDIES_TOLD = "housing.report_studies"  # which studies the report of a run tells


def find_report(run: Run, version: int, mlflow_run_id: str) -> str | None:
    """Where the report of a version is: a file or an MLflow artifact; ``None``: none tells its studies."""
    if _client(run).get_run(mlflow_run_id).data.tags.get(_STUDIES_TOLD, "") != measuring.studies_named(run, version):
        return None
    folder = _folder(run, version)
    if folder is not None:
        page = folder / pages.FILE
        return str(page) if page.is_file() else None
    names = {item.path for item in _client(run).list_artifacts(mlflow_run_id, _ARTIFACTS)}
    return _artifact(mlflow_run_id) if f"{_ARTIFACTS}/{pages.FILE}" in names else None


def open_report(run: Run, page: str) -> None:
    """Show a report in the browser; one that only MLflow has is fetched first."""
    if page.startswith("runs:/"):
        run_id = page.split("/")[1]
        page = str(Path(_client(run).download_artifacts(run_id, _ARTIFACTS)) / pages.FILE)
    webbrowser.open(Path(page).as_uri())


@dataclass(frozen=True)
class Seen:
    """What the rows of a model show: its errors on test rows, what it was made from, and what is inside it."""

    errors: report.facts.Errors
    data: report.Data
    inside: report.facts.Inside


def look(run: Run, model: RegisteredModel, judged: DataFrame, prices: DataFrame) -> Seen:
    """Look at the rows of a model.

    Args:
        run: The command.
        model: The model.
        judged: From ``judging.judged_rows``.
        prices: The same rows, narrow, from ``judging.judged_prices``.
    """
    contract = judging.contract_of(model)
    place, test = _place(contract), prices.where(F.col("split") == "test")
    errors, (data, inside) = at_once(
        lambda: report.gather_errors(test, place, contract.label_cap),
        lambda: _inside(run, model, judged, place),
    )
    return Seen(errors, data, inside)


def make_report(run: Run, registry: Registry, model: RegisteredModel, prices: DataFrame, seen: Seen) -> str:
    """Write the report of a model that has been judged; returns where it is.

    Args:
        run: The command.
        registry: Knows the champion of this moment.
        model: The model.
        prices: From ``judging.judged_prices``.
        seen: From ``look``.
    """
    facts = gather_facts(run, registry, model, prices, seen)
    with tempfile.TemporaryDirectory() as scratch:
        page = pages.write_page(report.report_page(facts), Path(scratch) / _ARTIFACTS)
        _client(run).log_artifacts(model.run_id, str(page.parent), _ARTIFACTS)
        _client(run).set_tag(model.run_id, _STUDIES_TOLD, measuring.studies_named(run, model.version))
        folder = _folder(run, model.version)  # an object store keeps MLflow's copy only
        kept = folder and pages.put_in_place(page.parent, folder)
    return str(kept / pages.FILE) if kept else _artifact(model.run_id)


def gather_facts(
    run: Run, registry: Registry, model: RegisteredModel, prices: DataFrame, seen: Seen
) -> report.facts.Facts:
    """All that the report of a model says; arguments as in ``make_report``."""
    contract, record = judging.contract_of(model), model.record
    slices: measuring.Slices
    (figures, slices), trials, duel = at_once(
        lambda: measuring.test_slices(run, model.version),
        lambda: _trials(run, model),
        lambda: _duel(run, registry, model, prices.where(F.col("split") == "test")),
    )
    identity = {"Model": f"{model.name} version {model.version}", "MLflow run": model.run_id,
                "Model folder": f"sha256 {model.artifact_sha256}"}  # fmt: skip
    return report.facts.Facts(
        contract.dataset, contract.description, contract.currency, model.version, record["winner"]["estimator"],
        record["winner"]["trees"], record["interval"]["level"], record["interval"].get("widened", 1.0),
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        figures, seen.errors, *slices, run.settings.evaluation.max_segment_lean, seen.inside, trials, duel,
        contract.label_cap, report.model_card(record, seen.data, seen.errors, trials, identity),
        measuring.find_studies(run, model.version),
    )  # fmt: skip


def _inside(
    run: Run, model: RegisteredModel, judged: DataFrame, place: report.facts.Place | None
) -> tuple[report.Data, report.facts.Inside]:
    """What the model was made from, and what is seen inside it."""
    columns = [name for kind in features.feature_names(judging.contract_of(model), judged.schema) for name in kind]
    data = report.gather_data(judging.parted_rows(run, model), columns, place)
    names = features.vector_features(model.pipeline, judged.schema)
    return data, report.look_inside(model.pipeline, judged, names, data.rows)


def _place(contract: Contract) -> report.facts.Place | None:
    location = contract.location
    if location is None:
        return None
    first, second = location.columns
    return report.facts.Place(second, first, True) if location.latitude else report.facts.Place(first, second, False)


def _trials(run: Run, model: RegisteredModel) -> tuple[report.facts.TrialLoss, ...]:
    """The trials of the model's study, in the order they ended; as many as were budgeted."""
    study = run.warehouse.read(TRIALS.name).where((F.col("study") == model.study) & (F.col("status") == "ok"))
    rows = study.orderBy("finished_at", "estimator", "number").select("estimator", "loss", "seconds").collect()
    return tuple(report.facts.TrialLoss(*row) for row in rows)


def _duel(run: Run, registry: Registry, model: RegisteredModel, test: DataFrame) -> report.facts.Duel | None:
    """The model and the present champion on test rows that the champion was not trained on either; one row."""
    champion = registry.champion_version()
    if champion is None or champion == model.version:
        return None
    shared = judging.with_champion(run, test, registry.load(champion), model.record["tables"]["features"])
    own, other = price_metrics("label", "prediction"), price_metrics("label", "champion_prediction")
    figures = [own["rmse"], other["rmse"], own["median_ape"], other["median_ape"]]
    row = shared.agg(F.count(F.lit(1)), *figures).collect()[0]
    return report.facts.Duel(champion, *row) if row[0] else None


def _client(run: Run) -> MlflowClient:
    return MlflowClient(registering.tracking_uri(run.settings))


def _artifact(mlflow_run_id: str) -> str:
    return f"runs:/{mlflow_run_id}/{_ARTIFACTS}/{pages.FILE}"


def _folder(run: Run, version: int) -> Path | None:
    folder = run.warehouse.local_folder
    return folder and folder / "_reports" / f"v{version}"
