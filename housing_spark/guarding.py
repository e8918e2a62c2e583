"""The guard against leaks in training: what it found is recorded, and stops a model that would look too good."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame

from housing_spark import features, leakage
from housing_spark.errors import GateRefusedError
from housing_spark.leakage import CHECKS, Finding
from housing_spark.schemas.quality import QUALITY_RESULTS
from housing_spark.tables import Job

_LOG = logging.getLogger(__name__)
_GATE = "leakage"


def guard(job: Job, rows: DataFrame) -> tuple[Finding, ...]:
    """What looks like a leak in rows that know their part of the split.

    Raises:
        GateRefusedError: Something does, and ``leakage.mode`` is ``on``.
    """
    run, settings = job.run, job.run.settings.leakage
    if settings.mode == "off":
        return ()
    place = run.contract.location.columns if run.contract.location else ()
    found = leakage.find_leaks(rows, *features.feature_names(run.contract, rows.schema), place, settings)
    job.record(job.rows(QUALITY_RESULTS, _verdicts(job, found)), QUALITY_RESULTS)
    if found and settings.mode == "on":
        raise GateRefusedError(
            "E-LEAK-001", f"{run.contract.dataset}.features version {job.versions['features']}: "
            f"{'; '.join(map(str, found))}; take it out of the contract's features, or name it in leakage.allow if it "
            "is known when a home is priced (docs/leakage.md)"
        )  # fmt: skip
    for one in found:
        _LOG.warning("leakage: %s", one)
    return found


def _verdicts(job: Job, found: Sequence[Finding]) -> list[dict[str, Any]]:
    """A row for each finding, and one for each check that found nothing."""
    ((source, version),) = job.versions.items()
    same: dict[str, Any] = {
        "run_id": job.run.run_id, "table": "model", "source": source, "version": version, "gate": _GATE,
        "severity": "critical", "checked_at": datetime.now(UTC), "unexpected_rows": None,
    }  # fmt: skip
    rows: list[tuple[str, str, bool, float | None]] = [(one.column, one.check, False, one.value) for one in found]
    rows += [("features", name, True, None) for name in CHECKS if name not in {one.check for one in found}]
    return [
        same | {"column": column, "expectation": check, "expected": f"not: {CHECKS[check]}", "success": success,
                "observed": value}
        for column, check, success, value in rows
    ]  # fmt: skip
