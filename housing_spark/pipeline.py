"""The pipeline on one page: a function per stage, and ``STAGES`` in order.

Each stage reads tables at a version, does its work in the rooms, and writes tables once; the same input, contract,
settings and code again write nothing.
"""

from collections.abc import Callable
from functools import partial

from pyspark.sql import functions as F

from housing_spark import (
    accepting,
    changes,
    checking,
    cleaning,
    gating,
    judging,
    measuring,
    modelling,
    pricing,
    quality,
    registering,
    reporting,
    scoring,
    sources,
)  # fmt: skip
from housing_spark.errors import InputRefusedError
from housing_spark.features import describe_sales
from housing_spark.registry import Registry
from housing_spark.schemas.models import MODEL_METRICS, PROMOTION_DECISIONS, SCORING_RUNS, predictions_table
from housing_spark.schemas.sales import raw_table
from housing_spark.session import at_once, cached
from housing_spark.sources import InputFile
from housing_spark.tables import Job, Run, StageReport


def ingest(run: Run) -> StageReport:
    """Take new files into bronze, as text; a file is known by its content."""
    location = run.input or run.contract.source.input
    if location is None:
        raise InputRefusedError("E-ING-008", f"no input for {run.contract.dataset}: give --input FILE_OR_FOLDER")
    path = sources.provide_input(run.spark, location, f"{run.warehouse.location}/_inputs")
    files = sources.list_input(path, run.contract, run.settings.ingest, is_label_optional=run.is_label_optional)
    names, work = sorted(file.identity for file in files), partial(_ingest, files=files)
    last = run.last_report("withdraw")
    return run.once("ingest", work, files=names, withdrawn=last and last.tables, logic=1)


def _ingest(job: Job, files: list[InputFile]) -> None:
    run, table, mark = job.run, raw_table(job.run.contract), changes.mark_of(job.run, "ingest")
    known = run.warehouse.read("raw") if run.warehouse.exists("raw") else None
    new, batch_id = sources.new_batch(files, known, mark.last_batch, is_full=run.is_full)
    if not new:
        job.already_applied()
        return
    rows = sources.read_rows(run.spark, new, run.contract, run.settings.ingest.pii_key)
    batch = table.select(rows.withColumns({"batch_id": F.lit(batch_id), "ingested_at": F.current_timestamp()}))
    theirs, state, is_again = sources.replaced_files(new), sources.state_of(new), run.is_full and known is not None
    with sources.damage_refused(new, lambda: job.take_back(table, theirs)):
        written = job.overwrite(batch, table, theirs) if is_again else job.append(batch, table, state)
    details = changes.written_to(written.version, None if is_again else run.last_report("ingest"), batch_id)
    job.finish(rows_in=written.rows, rows_out=written.rows, details={"batch": batch_id} | details)


def clean(run: Run) -> StageReport:
    """Accept the rows that the contract allows; set the others aside, with every reason."""
    settings = run.settings.quality.depends("clean")
    return run.once("clean", _clean, reads=("raw",), settings=(settings,), logic=5)


def _clean(job: Job) -> None:
    run, contract, mark = job.run, job.run.contract, changes.mark_of(job.run, "ingest")
    before = changes.goes_on(job.resume("clean", "quarantine"), mark)
    last = before.details["last_batch"] if before else ""
    raw = job.read("raw").where(F.col("batch_id") > last)
    kept = run.warehouse.read("clean", before.tables["clean"]) if before else None
    placed = accepting.place(raw, kept, contract)
    batches = quality.count_batches(placed)
    checked = checking.gate_sales(job, placed, batches, before)
    quality.check_batches(batches, raw.count(), run.settings.quality)
    counts = quality.total(batches)
    job.finish(tables=before.tables if before else {})
    accepting.write(job, placed, counts, is_first=before is None)
    through = changes.written_to(
        job.report.tables["clean"], before, max(batches, default=last), is_replacing=counts.replaced > 0
    )
    job.finish(**counts.noted(), details=through | mark.noted() | checked)


def describe(run: Run) -> StageReport:
    """Describe the clean sales by the contract's expressions: nothing learned, no split; only those that are new."""
    settings = run.settings.quality.depends("features")
    return run.once("features", _describe, reads=("clean",), settings=(settings,), logic=2)


def _describe(job: Job) -> None:
    contract, mark = job.run.contract, changes.mark_of(job.run, "clean")
    before = changes.goes_on(job.resume("features"), mark)
    group = cleaning.hash_expr(contract.group) if contract.group else F.col("row_key")
    described, table = describe_sales(changes.later_rows(job.read("clean"), before), contract, group)
    warnings = checking.gate_features(job, described)
    add = before and (job.append if changes.are_new(before, mark) else job.merge)
    written = (add or job.overwrite)(described, table)
    details = changes.passed_on(mark, written.version, before) | {"segments": contract.segments, "warnings": warnings}
    job.finish(rows_in=written.changed, rows_out=written.changed, details=details)


def train(run: Run) -> StageReport:
    """Search the candidates on training and validation rows, and register the winner with its range."""
    s = run.settings
    depends = (s.features, s.split, s.leakage, s.training, s.search, s.evaluation)
    return run.once("train", _train, reads=("features",), settings=depends, logic=6)


def _train(job: Job) -> None:
    registry = registering.registry_of(job.run)
    version = registry.version_of_study(job.study) or modelling.train_model(job, registry)
    job.finish(details={"model": registry.name, "version": version})


def evaluate(run: Run) -> StageReport:
    """Judge the newest model on every row it was made with, by split and segment: once, on the test rows too."""
    registry = registering.registry_of(run)
    version = registry.newest_version()
    work = partial(_evaluate, registry=registry, version=version)
    return run.once("evaluate", work, settings=(run.settings.evaluation,), model_version=version, logic=4)


def _evaluate(job: Job, registry: Registry, version: int) -> None:
    run, model = job.run, judging.usable_model(registry, version)
    judged = judging.judged_rows(run, model)
    prices = judging.judged_prices(run, model, judged)
    measure = partial(measuring.figure_rows, job, model, prices)
    figures, seen = at_once(measure, partial(reporting.look, run, model, judged, prices))
    job.append(figures, MODEL_METRICS)
    headline = judging.test_figures(run, version)
    page = reporting.make_report(run, registry, model, prices, seen)
    details = {"version": version, "test": headline, "report": page}
    job.finish(rows_in=headline["rows"], rows_out=headline["rows"], details=details)


def promote(run: Run) -> StageReport:
    """Make the newest model champion if it beats the baselines and the champion; every rule leaves a row."""
    registry = registering.registry_of(run)
    candidate, champion = registry.newest_version(), registry.champion_version()
    work = partial(_promote, registry=registry, candidate=candidate, champion=champion)
    return run.once("promote", work, settings=(run.settings.gate,), versions=[candidate, champion], logic=2)


def _promote(job: Job, registry: Registry, candidate: int, champion: int | None) -> None:
    if candidate == champion:
        job.finish(details={"champion": champion})
        job.already_applied()
        return
    decisions = gating.decide(job.run, registry, candidate, champion)
    job.append(gating.decision_rows(job, registry.name, candidate, champion, decisions), PROMOTION_DECISIONS)
    refused = [decision.rule for decision in decisions if not decision.passed]
    if not refused:
        registry.promote(candidate, champion)
    job.finish(details={"candidate": candidate, "champion": champion if refused else candidate, "refused": refused})


def score(run: Run) -> StageReport:
    """Price the rows that the champion has not priced in their present content."""
    champion = registering.require_champion(run)
    work = partial(_score, registry=registering.registry_of(run), version=champion)
    settings = (run.settings.quality.depends("predictions"), run.settings.scoring)
    depends = {"model_version": champion, "valued_on": run.valued_on and run.valued_on.isoformat(), "logic": 4}
    return run.once("score", work, reads=("features",), settings=settings, **depends)


def _score(job: Job, registry: Registry, version: int) -> None:
    run, table, scoring_run_id = job.run, predictions_table(job.run.contract), job.write_identity
    unpriced = pricing.unpriced_rows(job, version)
    if not unpriced.count:
        job.already_applied()
        return
    model = judging.usable_model(registry, version)
    native = pricing.native_trees(run, model)
    few = table.columns if unpriced.count <= run.settings.scoring.driver_rows else None
    rows = pricing.valued_rows(run, unpriced.parted(run, model))
    names = {"model_name": F.lit(model.name), "model_version": F.lit(version), "scored_at": F.current_timestamp()}
    names["valued_on"] = F.lit(run.valued_on).cast("date")
    with cached(scoring.price_rows(rows, model.pipeline, native, scoring_run_id, few)) as priced:
        warnings = checking.gate_predictions(job, priced)
        # Before the write: after it Spark forgets what it keeps of rows that the table had a part in.
        passport = pricing.passport(job, model, priced, is_native=native is not None)
        written = job.append(table.select(priced.withColumns(names)), table)
        job.append(passport, SCORING_RUNS, part="passport")
    details = unpriced.read_to.noted() | {"scoring_run_id": scoring_run_id, "version": version, "warnings": warnings}
    job.finish(rows_in=written.rows, rows_out=written.rows, details=details)


STAGES: tuple[tuple[str, Callable[[Run], StageReport]], ...] = (
    ("ingest", ingest), ("clean", clean), ("features", describe), ("train", train), ("evaluate", evaluate),
    ("promote", promote), ("score", score),
)  # fmt: skip
