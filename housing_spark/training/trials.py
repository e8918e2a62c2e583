"""A trial of a search: parameters that were tried, and how well they did."""

from dataclasses import dataclass
from typing import Any

Parameters = dict[str, Any]
TARGET_SCALE = "log_target"


@dataclass(frozen=True)
class Proposal:
    """Parameters to try."""

    estimator: str
    number: int
    parameters: Parameters
    point: dict[str, float]


@dataclass(frozen=True)
class Trial:
    """Parameters that were tried."""

    estimator: str
    number: int
    parameters: Parameters
    point: dict[str, float]
    loss: float
    trees: int | None
    seconds: float
    mlflow_run_id: str | None = None
