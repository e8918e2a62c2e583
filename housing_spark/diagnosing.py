"""What killed runs left behind, and what to do about it; nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.sql import functions as F

from housing_spark.schemas.models import JOB_RUNS, SCORING_RUNS
from housing_spark.session import hadoop_path
from housing_spark.tables import WORKING_FOLDERS, Run, upkeep


@dataclass(frozen=True)
class Symptom:
    """Something left behind."""

    object: str
    found: str
    way_out: str


def diagnose(run: Run) -> list[Symptom]:
    """Every symptom of a dataset's tables; while this run holds their lock, nobody else works on them."""
    return [*_orphans(run), *_folders(run), *_unfinished_scoring(run), *_failed_jobs(run)]


def _orphans(run: Run) -> Iterator[Symptom]:
    days = run.settings.upkeep.unnamed_days
    for table in run.warehouse.tables():
        counted = upkeep.orphans(run.warehouse, table).agg(
            F.count("file").alias("files"), F.sum("length").alias("size")
        )
        [row] = counted.collect()
        if row["files"]:
            found = f"{row['files']} files of {row['size']:,} bytes that no commit names; no reader sees them"
            yield Symptom(table, found, f"housing maintain deletes them when they are {days} days old")


def _folders(run: Run) -> Iterator[Symptom]:
    """Working folders of runs that ended badly; this run's own is not one."""
    for parent in WORKING_FOLDERS:
        system, path = hadoop_path(run.spark, f"{run.warehouse.location}/{parent}")
        for entry in system.listStatus(path) if system.exists(path) else []:
            if (name := str(entry.getPath().getName())) != run.run_id:
                yield Symptom(f"{parent}/{name}", "a killed run's working folder", "delete it when no run is at work")


def _unfinished_scoring(run: Run) -> Iterator[Symptom]:
    if not run.warehouse.exists("predictions"):
        return
    priced = run.warehouse.read("predictions").groupBy("scoring_run_id").count()
    if run.warehouse.exists(SCORING_RUNS.name):
        passports = run.warehouse.read(SCORING_RUNS.name).select("scoring_run_id")
        priced = priced.join(passports, on="scoring_run_id", how="left_anti")
    for row in priced.collect():  # one for each killed scoring run
        found = f"{row['count']} predictions without a passport; prediction views do not show them"
        yield Symptom(f"scoring run {row['scoring_run_id']}", found, "housing score finishes it")


def _failed_jobs(run: Run) -> Iterator[Symptom]:
    if not run.warehouse.exists(JOB_RUNS.name):
        return
    jobs = run.warehouse.read(JOB_RUNS.name)
    newest = jobs.groupBy("job").agg(
        F.max_by(F.struct("run_id", "status", "error", "command"), "ended_at").alias("last")
    )
    for row in newest.where("last.status = 'failed'").collect():  # there are few names
        last = row["last"]
        found = f"run {last['run_id']} failed: {last['error']}"
        yield Symptom(f"job {row['job']}", found, f"mend the cause, then again: {last['command']}")
