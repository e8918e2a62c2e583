"""The report of a model: facts from its rows, tables and record, drawn and kept beside the tables and in MLflow."""

import logging
import tempfile
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from time import monotonic

from mlflow import MlflowClient
from pyspark import inheritable_thread_target
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from housing_spark import evaluation, features, judging, measuring, pages, registering
from housing_spark.contract import Contract
from housing_spark.evaluation import report
from housing_spark.metrics import price_metrics
from housing_spark.registry import RegisteredModel, Registry
from housing_spark.schemas.models import MODEL_METRICS, TRIALS
from housing_spark.tables import Run

Slices = tuple[
    tuple[report.facts.Segment, ...], tuple[report.facts.Tenth, ...], tuple[report.facts.Quarter, ...]
]  # fmt: skip
_LOG = logging.getLogger(__name__)
_ARTIFACTS = "report"
_STUDIES_TOLD = "housing.report_studies"  # which studies the report of a run tells
_MOST_SEGMENTS = 200
_SEGMENT_FIGURES = ("median_ape", "rmse", "coverage")
_LEAN_FIGURES = ("lean", "lean_chance")
_OURS = (evaluation.PRICE_DECILE, evaluation.TIME_QUARTER)
_QUARTER_FIGURES = ("median_ape", "median_ratio", "coverage", "relative_width")
_TENTH_FIGURES = ("mean_log_ratio", "sd_log_ratio", "median_ape", "cod")


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


def make_report(run: Run, registry: Registry, model: RegisteredModel, judged: DataFrame, prices: DataFrame) -> str:
    """Write the report of a model that has been judged; returns where it is.

    Args:
        run: The command.
        registry: Knows the champion of this moment.
        model: The model.
        judged: From ``judging.judged_rows``.
        prices: The same rows, narrow and in memory, from ``judging.judged_prices``.
    """
    started = monotonic()
    facts = gather_facts(run, registry, model, judged, prices)
    gathered = monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        page = pages.write_page(report.report_page(facts), Path(scratch) / _ARTIFACTS)
        _client(run).log_artifacts(model.run_id, str(page.parent), _ARTIFACTS)
        _client(run).set_tag(model.run_id, _STUDIES_TOLD, measuring.studies_named(run, model.version))
        folder = _folder(run, model.version)  # an object store keeps MLflow's copy only
        kept = folder and pages.put_in_place(page.parent, folder)
    drawn = monotonic() - gathered
    _LOG.info("report: version %d, %.1f s to gather, %.1f s to draw", model.version, gathered - started, drawn)
    return str(kept / pages.FILE) if kept else _artifact(model.run_id)


def gather_facts(
    run: Run, registry: Registry, model: RegisteredModel, judged: DataFrame, prices: DataFrame
) -> report.facts.Facts:
    """All that the report of a model says; arguments as in ``make_report``."""
    contract, record = judging.contract_of(model), model.record
    place, test = _place(contract), prices.where(F.col("split") == "test")
    # Planning a query takes longer than running it on few rows, and each thread plans its own.
    with ThreadPoolExecutor(2) as pool:
        at_once = inheritable_thread_target(run.spark)
        errors_found = pool.submit(at_once(report.gather_errors), test, place, contract.label_cap)
        inside_found = pool.submit(at_once(_inside), run, model, judged, place)
        trials, (figures, slices) = _trials(run, model), _figures(run, model.version)
        duel = _duel(run, registry, model, test)
        errors, (data, inside) = errors_found.result(), inside_found.result()
    identity = {"Model": f"{model.name} version {model.version}", "MLflow run": model.run_id,
                "Model folder": f"sha256 {model.artifact_sha256}"}  # fmt: skip
    return report.facts.Facts(
        contract.dataset, contract.description, contract.currency, model.version, record["winner"]["estimator"],
        record["winner"]["trees"], record["interval"]["level"], record["interval"].get("widened", 1.0),
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        figures, errors, *slices, run.settings.evaluation.max_segment_lean, inside, trials, duel, contract.label_cap,
        report.model_card(record, data, errors, trials, identity), measuring.find_studies(run, model.version),
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


def _figures(run: Run, version: int) -> tuple[dict[str, float], Slices]:
    """The figures on the whole test split, on its worst segments, at most 200, and on each tenth by price."""
    test = (F.col("model_version") == version) & (F.col("split") == "test")
    keys = ("segment_column", "segment")
    # A version that was judged again has its figures twice.
    once = run.warehouse.read(MODEL_METRICS.name).where(test).groupBy(*keys, "metric")
    values = F.map_from_entries(F.collect_list(F.struct("metric", "value"))).alias("values")
    newest = once.agg(F.max("value").alias("value"), F.max("rows").alias("rows"))
    by_segment = newest.groupBy(*keys).agg(F.max("rows").alias("rows"), values)
    is_ours = F.col("segment_column").isin("all", *_OURS)
    worst_first = (F.desc(is_ours), F.desc(F.try_element_at("values", F.lit("median_ape"))), *keys)
    rows = by_segment.orderBy(*worst_first).limit(_MOST_SEGMENTS + 15).collect()
    found = [row for row in rows if row["segment_column"] == "all" or row["values"]["median_ape"] is not None]
    whole = next(row["values"] for row in found if row["segment_column"] == "all")
    tenths = (_tenth(row) for row in found if row["segment_column"] == evaluation.PRICE_DECILE)
    quarters = (_quarter(row) for row in found if row["segment_column"] == evaluation.TIME_QUARTER)
    segments = (_segment(row) for row in found if row["segment_column"] not in ("all", *_OURS))
    by_name = attrgetter("name")
    return whole, (tuple(segments), tuple(sorted(tenths, key=by_name)), tuple(sorted(quarters, key=by_name)))


def _segment(row: Row) -> report.facts.Segment:
    values = row["values"]
    median_ape, rmse, coverage = (values[name] for name in _SEGMENT_FIGURES)
    lean = evaluation.Lean(*(values[name] for name in _LEAN_FIGURES)) if "lean" in values else None
    slice_ = row["segment_column"], row["segment"], row["rows"]
    return report.facts.Segment(*slice_, median_ape, rmse, coverage, lean)


def _quarter(row: Row) -> report.facts.Quarter:
    return report.facts.Quarter(row["segment"], row["rows"], *(row["values"][name] for name in _QUARTER_FIGURES))


def _tenth(row: Row) -> report.facts.Tenth:
    return report.facts.Tenth(row["segment"], row["rows"], *(row["values"][name] for name in _TENTH_FIGURES))


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
