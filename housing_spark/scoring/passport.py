"""The passport of a scoring run: what made its predictions."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from housing_spark.provenance import Provenance


@dataclass(frozen=True)
class Passport:
    """A scoring run's facts."""

    scoring_run_id: str
    model_name: str
    model_version: int
    artifact_sha256: str
    mlflow_run_id: str
    input_version: int
    rows: int
    content_hash: str
    contract_hash: str
    interval_level: float
    engine: str
    valued_on: date | None
    scored_at: datetime


def passport_row(passport: Passport, provenance: Provenance) -> dict[str, Any]:
    """The passport as a row of ``scoring_runs``."""
    return vars(passport) | {
        "input_table": "features",
        "git_commit": provenance.git_commit,
        "is_dirty": provenance.is_dirty,
        "packages": json.dumps(provenance.packages, sort_keys=True),
    }
