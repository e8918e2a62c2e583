"""Whether tables are what jobs recorded of them: versions, the bytes of every file, keys, and no row lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import changes
from housing_spark.errors import TableDamagedError
from housing_spark.schemas.models import JOB_RUNS, predictions_table
from housing_spark.schemas.sales import clean_table
from housing_spark.session import cached
from housing_spark.tables import Run, check_logs, current_files, damage_told, done_runs, hashed, upkeep

_NAMED = 3  # of many files, so many are named


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    table: str
    check: str
    passed: bool
    detail: str


def verify(run: Run) -> list[Finding]:
    """Check every table of a dataset: reads every byte of its newest version."""
    found = list(_told("all", "logs", run, partial(_logs, run)))
    if not all(one.passed for one in found):
        return found
    recorded = run.warehouse.read(JOB_RUNS.name).select(F.explode_outer("files").alias("file", "recorded"))
    with cached(recorded.distinct()) as ledger:
        for table in run.warehouse.tables():
            found += _told(table, "files", run, partial(_files, run, table, ledger))
    for table, key in _keys(run).items():
        found += _told(table, "keys", run, partial(_unique, run, table, key))
    return [*found, *_told("clean", "conservation", run, partial(_conserved, run))]


def _told(table: str, check: str, run: Run, work: Callable[[], tuple[bool, str]]) -> Iterator[Finding]:
    """A check that meets damage has found it."""
    try:
        with damage_told(run.warehouse):
            yield Finding(table, check, *work())
    except TableDamagedError as error:
        yield Finding(table, check, False, str(error))


def _logs(run: Run) -> tuple[bool, str]:
    check_logs(run)
    return True, "no commit that a job recorded is missing"


def _files(run: Run, table: str, ledger: DataFrame) -> tuple[bool, str]:
    held = current_files(run.warehouse, table)
    listed = upkeep.data_files(run.warehouse, table).select("file").collect()  # files, not rows
    missing = sorted(set(held) - {row["file"] for row in listed})
    if missing:
        return False, f"E-TABLE-003 {len(missing)} of {len(held)} files are missing: {', '.join(missing[:_NAMED])}"
    if not held:
        return True, "no files"
    compared = hashed(run.warehouse, held).join(ledger, on="file", how="left")
    is_other = F.col("recorded") != F.col("sha256")
    counted = compared.agg(
        F.count_if(F.col("recorded").isNull()).alias("unrecorded"), F.count_if(is_other).alias("changed"),
        F.array_sort(F.collect_set(F.when(is_other, F.col("file")))).alias("names"), F.sum("bytes").alias("bytes"),
    ).collect()[0]  # fmt: skip
    if counted["changed"]:
        names = ", ".join(counted["names"][:_NAMED])
        return False, f"E-TABLE-003 {counted['changed']} of {len(held)} files are not as they were written: {names}"
    size = f"{len(held)} files of {counted['bytes']:,} bytes are as they were written"
    return True, size + (f"; of {counted['unrecorded']} there is no record" if counted["unrecorded"] else "")


def _keys(run: Run) -> dict[str, tuple[str, ...]]:
    keys = {
        "clean": clean_table(run.contract).key,
        "features": ("row_key",),
        "predictions": predictions_table(run.contract).key,
    }
    return {table: key for table, key in keys.items() if run.warehouse.exists(table)}


def _unique(run: Run, table: str, key: tuple[str, ...]) -> tuple[bool, str]:
    twice = run.warehouse.read(table).groupBy(*key).count().where("count > 1").count()
    return twice == 0, f"{twice} keys are there more than once" if twice else "every key is there once"


def _conserved(run: Run) -> tuple[bool, str]:
    """Rows that came in are clean, in quarantine, or were exact duplicates, since clean was last written as a whole."""
    last = run.last_report("clean")
    if last is None:
        return True, "nothing was cleaned yet"
    if changes.read_to(last).whole != changes.mark_of(run, "ingest").whole:
        return True, "raw was taken in anew, and not cleaned since"
    is_since = F.get_json_object("details", "$.whole").cast("int") == last.details["whole"]
    duplicates = done_runs(run.warehouse, "clean").where(is_since).agg(F.sum("rows_duplicate")).collect()[0][0]
    raw = run.warehouse.read("raw").where(F.col("batch_id") <= last.details["last_batch"]).count()
    clean, refused = (run.warehouse.read(table).count() for table in ("clean", "quarantine"))
    told = f"{raw} rows in, {clean} clean, {refused} in quarantine, {duplicates} duplicates"
    return raw == clean + refused + duplicates, told
