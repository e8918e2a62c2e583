"""What is done beside the stages: make a market, withdraw a batch, measure the data, ask in SQL, roll back."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark import expectations, gating, judging, registering, reporting, reproducing, sources, studying, views
from housing_spark.errors import ConfigurationError, HousingSparkError, InputRefusedError
from housing_spark.registry import Decision, Registry
from housing_spark.schemas.models import PROMOTION_DECISIONS, predictions_table
from housing_spark.schemas.sales import raw_table
from housing_spark.session import cached
from housing_spark.settings import Settings
from housing_spark.surveying import Surveyed, survey_data
from housing_spark.tables import Job, Run, StageReport, Warehouse


def prepare(settings: Settings) -> None:
    """Open the model store and load the library of the gates: seconds without Spark, which may pass while it starts.

    What fails here fails again where it is needed, and is told there.
    """
    if settings.tracking.uri is None:  # a store of our own may be new; a server is up to date, or cannot be reached
        with suppress(Exception):
            Registry(registering.tracking_uri(settings), "none", "").champion_version()
    if settings.quality.gates:
        with suppress(HousingSparkError):
            expectations.load_library()


def roll_back(run: Run) -> StageReport:
    """Give the alias ``champion`` back to the model that the present champion replaced."""
    return run.once("rollback", _roll_back, run_id=run.run_id)


def _roll_back(job: Job) -> None:
    registry = registering.registry_of(job.run)
    champion, previous = registry.predecessor()
    decision = Decision("rollback", float(previous), float(champion), passed=True)
    job.append(gating.decision_rows(job, registry.name, previous, champion, [decision]), PROMOTION_DECISIONS)
    registry.name_champion(previous)  # last: repeated after a kill, it rolls back once
    job.finish(details={"from": champion, "to": previous})


def withdraw(run: Run, batch: str | None = None) -> StageReport:
    """Take a batch that waits to be cleaned out of ``raw``; earlier versions of the table still hold its rows.

    Args:
        run: The command.
        batch: May be left out where one batch is waiting.

    Raises:
        InputRefusedError: No such batch is waiting, or more than one and none is named.
    """
    return run.once("withdraw", partial(_withdraw, batch=batch), reads=("raw",), run_id=run.run_id)


def _withdraw(job: Job, batch: str | None) -> None:
    raw, cleaned = job.read("raw"), job.run.last_report("clean")
    waiting = raw.where(F.col("batch_id") > (cleaned.details["last_batch"] if cleaned else ""))
    rows = {row["batch_id"]: row["count"] for row in waiting.groupBy("batch_id").count().collect()}  # one per batch
    chosen = next(iter(rows)) if batch is None and len(rows) == 1 else batch
    if chosen not in rows:
        asked = "no batch is named" if batch is None else f"batch {batch} does not wait to be cleaned"
        raise InputRefusedError("E-ING-010", f"{asked}; waiting in raw: {', '.join(sorted(rows)) or 'none'}")
    job.overwrite(raw.limit(0), raw_table(job.run.contract), f"batch_id = '{chosen}'")
    job.finish(rows_in=rows[chosen], details={"batch": chosen})


def report(run: Run, version: int | None = None) -> str:
    """Where the report of a model is, the newest by default; it is made where it is missing.

    Raises:
        InputRefusedError: No such version, or one that was not evaluated.
    """
    registry = registering.registry_of(run)
    model = registry.load(version or registry.newest_version())
    found = reporting.find_report(run, model.version, model.run_id)
    if found is not None:
        return found
    judging.test_figures(run, model.version)  # there are none to report before it was evaluated
    judged = judging.judged_rows(run, model)
    prices = judging.judged_prices(run, model, judged)
    return reporting.make_report(run, registry, model, prices, reporting.look(run, model, judged, prices))


def study(run: Run, names: Sequence[str], version: int | None = None) -> list[StageReport]:
    """Fit the parameters of a model, the newest by default, again on other splits, rows and features; the report tells.

    Args:
        run: The command.
        names: Of ``studying.STUDIES``.
        version: Of the model.

    Raises:
        InputRefusedError: No such version, or one that was not evaluated.
    """
    chosen = version or registering.registry_of(run).newest_version()
    judging.test_figures(run, chosen)  # before anything is fitted
    reports = [studying.study(run, name, chosen) for name in names]
    reports[-1].details["report"] = report(run, chosen)
    return reports


def reproduce(run: Run, prediction_id: str | None, sample: int, *, is_deep: bool) -> list[reproducing.Reproduced]:
    """Make one prediction, or a sample, again from what their passports name, and compare.

    Args:
        run: The command.
        prediction_id: One of the table; ``None``: a sample.
        sample: Its size.
        is_deep: Train the models again too.

    Raises:
        InputRefusedError: No such prediction.
        TableDamagedError: Something that a passport names is gone, or is not what it was.
    """
    with cached(reproducing.chosen_predictions(run, prediction_id, sample)) as chosen:
        return list(reproducing.make_again(run, chosen, is_deep=is_deep))


def profile(run: Run, output: str | None = None) -> Surveyed:
    """Measure the clean rows and write the page of the profile, beside the tables by default.

    Raises:
        ConfigurationError: The tables are on an object store and no folder is given.
        InputRefusedError: Nothing was cleaned yet.
    """
    beside = run.warehouse.local_folder
    if output is None and beside is None:
        raise ConfigurationError("E-CLI-008", f"{run.warehouse.location} is no local folder; give --output FOLDER")
    return survey_data(run, Path(output).absolute() if output else (beside or Path()) / "_reports" / "data")


def generate(spark: SparkSession, planted: sources.Planted, *, output: str, file_format: str = "csv") -> None:
    """Write the synthetic market, with its true prices, as a folder of files or a Delta table.

    Raises:
        ConfigurationError: The folder exists, or the format is none of the four.
    """
    if file_format not in sources.FORMATS:
        raise ConfigurationError("E-CLI-011", f"--format {file_format}: expected one of {', '.join(sources.FORMATS)}")
    _refuse_existing("--output", output)
    options = {"header": "true"} if file_format == "csv" else {}
    sources.planted_market(spark, planted).write.format(file_format).options(**options).save(output)


def query(warehouses: Sequence[Warehouse], statement: str) -> DataFrame:
    """The answer to an SQL statement; the tables and questions of every warehouse are known by name."""
    for warehouse in warehouses:
        views.register(warehouse, statement)
    return warehouses[0].spark.sql(statement)


def predictions_of(run: Run, scoring_run_id: str) -> DataFrame:
    """The predictions of a scoring run, in order of row key."""
    table = predictions_table(run.contract)
    rows = run.warehouse.read(table.name).where(F.col("scoring_run_id") == scoring_run_id)
    return table.select(rows).orderBy("row_key")


def _refuse_existing(option: str, path: str) -> None:
    if "://" not in path and Path(path).exists():
        raise ConfigurationError("E-CLI-005", f"{option} {path}: exists already; give a new name")
