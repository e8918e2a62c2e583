"""Looking after all tables of a dataset: files of a good size, sorted, and vacuumed but for what something names."""

import logging

from housing_spark.contract import Contract
from housing_spark.pinning import pinned_versions
from housing_spark.tables import Job, Run, StageReport, upkeep

_LOG = logging.getLogger(__name__)
_CLUSTERED = ("clean", "features")


def maintain(run: Run) -> StageReport:
    """Compact and vacuum every table; a table whose rows have not changed since is compacted no more."""
    return run.once("maintain", _maintain, run_id=run.run_id)


def _maintain(job: Job) -> None:
    run, settings = job.run, job.run.settings.upkeep
    last, pins = run.last_report("maintain"), pinned_versions(run)
    done: dict[str, int] = last.details["compacted"] if last else {}
    compacted = {}
    for table in run.warehouse.tables():
        upkeep.keep_for(run.warehouse, table, settings.table_properties(table))
        before, changed = run.warehouse.versions(table)
        if done.get(table) != changed:
            by = _cluster_columns(run.contract) if settings.cluster and table in _CLUSTERED else ()
            upkeep.compact(run.warehouse, table, settings.file_mb, by)
            after = run.warehouse.version(table)
            if after != before:
                job.note(table, after)
        upkeep.vacuum(run.warehouse, table, pins.get(table, ()))
        compacted[table] = changed
        _LOG.info("%s: compacted at version %d; kept versions: %s", table, changed, sorted(pins.get(table, ())))
    job.finish(
        details={"compacted": compacted, "pinned": {table: sorted(versions) for table, versions in pins.items()}}
    )


def _cluster_columns(contract: Contract) -> tuple[str, ...]:
    """What people filter sales by."""
    kept = [name for name in contract.segments if name in contract.columns]
    return (*kept, *(["event_time"] if contract.event_time else []))
