"""Table versions that must stay readable: those that a model or a prediction names, until they expire."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from housing_spark import registering
from housing_spark.schemas.models import SCORING_RUNS
from housing_spark.tables import Run, done_runs


def pinned_versions(run: Run) -> dict[str, frozenset[int]]:
    """Versions by table: what was priced, and what models learned from that are champion, young, or were used lately.

    What the next job goes on from is among them. A name expires ``upkeep.reproducible_days`` after it was last given.
    """
    since = datetime.now(UTC) - timedelta(days=run.settings.upkeep.reproducible_days)
    priced = _priced_by(run, since)
    used = {registering.registry_of(run).champion_version(), *priced}
    features = {version for versions in priced.values() for version in versions}
    is_young = (F.col("ended_at") >= F.lit(since)).alias("is_young")
    for job in _jobs(run, "train").select("versions", "details", is_young).collect():  # there are few
        if job["is_young"] or json.loads(job["details"])["version"] in used:
            features.add(_read(job)["features"])
    pins = {"features": features, "clean": set(clean_versions(run, features).values())}
    for stage in ("clean", "features"):  # a later job goes on from what the last one left
        last = run.last_report(stage)
        for table, version in last.tables.items() if last else ():
            pins.setdefault(table, set()).add(version)
    return {table: frozenset(versions) for table, versions in pins.items()}


def clean_versions(run: Run, features: Iterable[int]) -> dict[int, int]:
    """The version of clean that each of these versions of features came from, where the record of jobs tells."""
    jobs = _jobs(run, "features").select("tables", "versions").collect()  # there are few
    written = [(json.loads(job["tables"])["features"], _read(job)["clean"]) for job in jobs]
    newest = {version: max((one for one in written if one[0] <= version), default=None) for version in features}
    return {version: origin[1] for version, origin in newest.items() if origin}


def _priced_by(run: Run, since: datetime) -> dict[int, list[int]]:
    """The versions of the features table that each model priced since a moment; as many as there were scoring runs."""
    if not run.warehouse.exists(SCORING_RUNS.name):
        return {}
    young = run.warehouse.read(SCORING_RUNS.name).where(F.col("scored_at") >= F.lit(since))
    rows = young.groupBy("model_version").agg(F.collect_set("input_version").alias("versions")).collect()
    return {row["model_version"]: row["versions"] for row in rows}


def _jobs(run: Run, name: str) -> DataFrame:
    """The records of jobs of that name that changed something and say what they read."""
    return done_runs(run.warehouse, name).where(F.col("versions").isNotNull())


def _read(job: Row) -> Mapping[str, int]:
    versions: dict[str, int] = json.loads(job["versions"])
    return versions
