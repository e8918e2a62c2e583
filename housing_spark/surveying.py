"""The profile of a dataset: its clean table measured, what became of the rows that arrived, and a page of it."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import pages, profiling
from housing_spark.errors import InputRefusedError
from housing_spark.profiling import Arrival, Survey
from housing_spark.schemas.quality import QUALITY_RESULTS
from housing_spark.schemas.sales import SUPERSEDED_CODE
from housing_spark.session import cached
from housing_spark.tables import Run, done_runs

_REASONS = 10


@dataclass(frozen=True)
class Surveyed:
    """Where the page is, and its headline figures."""

    page: Path
    rows: int
    score: float
    parts: dict[str, float]


def survey_data(run: Run, folder: Path) -> Surveyed:
    """Measure the clean table and write the page; one that is there is replaced.

    Args:
        run: The command.
        folder: For the page and its pictures.

    Raises:
        InputRefusedError: Nothing was cleaned yet.
    """
    contract, warehouse, cleaned = run.contract, run.warehouse, run.last_report("clean")
    if cleaned is None:
        raise InputRefusedError(
            "E-DQ-005", f"{contract.dataset}: nothing was cleaned at {warehouse.location}; run 'housing clean' first"
        )
    comments = {name: column.comment or name.replace("_", " ") for name, column in contract.columns.items()}
    with cached(warehouse.read("clean")) as clean:
        profile = profiling.measure_table(clean, comments)
    arrival = _arrival(run, profile.rows, cleaned.details["last_batch"])
    score = profiling.score_quality(profile, arrival, _checks(run))
    drawn = (contract.label, *contract.segments, *contract.numeric_features, *contract.features.categorical)
    made = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    survey = Survey(contract.dataset, contract.description, made, profile, arrival, score, tuple(dict.fromkeys(drawn)))
    with tempfile.TemporaryDirectory() as scratch:
        page = pages.write_page(profiling.profile_page(survey), Path(scratch) / "page")
        kept = pages.put_in_place(page.parent, folder)
    return Surveyed(kept / pages.FILE, profile.rows, score.overall, score.parts)


def _arrival(run: Run, clean: int, last_batch: str) -> Arrival:
    """What became of the rows that arrived and were cleaned; ten reasons come to the driver."""
    quarantine = run.warehouse.read("quarantine")
    is_superseded = F.col("reasons")[0]["code"] == SUPERSEDED_CODE
    by_kind = {row[0]: row["count"] for row in quarantine.groupBy(is_superseded).count().collect()}
    refused = quarantine.select(F.explode("reasons").alias("reason"))
    about = F.coalesce("reason.column", "reason.rule", F.lit("the whole row"))
    found = refused.where(F.col("reason.code") != SUPERSEDED_CODE).groupBy("reason.code", about.alias("about")).count()
    top = found.orderBy(F.desc("count"), "code", "about").limit(_REASONS).collect()
    reasons = tuple((row["code"], row["about"], row["count"]) for row in top)
    raw = run.warehouse.read("raw").where(F.col("batch_id") <= last_batch).count()
    return Arrival(raw, clean, by_kind.get(False, 0), by_kind.get(True, 0), reasons)


def _checks(run: Run) -> tuple[int, int]:
    """Passed and all verdicts on the newest batch that went into the clean table."""
    if not run.warehouse.exists(QUALITY_RESULTS.name):
        return 0, 0
    results: DataFrame = run.warehouse.read(QUALITY_RESULTS.name)
    is_judged = F.col("success").isNotNull() & (F.col("severity") != "info")
    judged = results.where((F.col("table") == "clean") & is_judged)
    judged = judged.join(done_runs(run.warehouse, "clean").select("run_id"), "run_id", "left_semi")
    newest = judged.groupBy("run_id").agg(F.max("checked_at").alias("at"), F.count_if("success"), F.count("success"))
    rows = newest.orderBy(F.desc("at")).limit(1).collect()
    return (rows[0][2], rows[0][3]) if rows else (0, 0)
