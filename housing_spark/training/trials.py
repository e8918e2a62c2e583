"""A trial of a search: parameters that were tried, and how well they did."""

import math
from dataclasses import dataclass
from typing import Any, Literal

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
    """Parameters that were tried; ``loss`` is infinite where that did not end well, and ``error`` says why."""

    estimator: str
    number: int
    parameters: Parameters
    point: dict[str, float]
    loss: float
    trees: int | None
    seconds: float
    mlflow_run_id: str | None = None
    status: Literal["ok", "failed", "timed out"] = "ok"
    error: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the trial has a loss."""
        return self.status == "ok"

    def beats(self, other: "Trial | None") -> bool:
        """Whether the loss is less than another's, or a loss at all where there is no other."""
        return self.loss < (math.inf if other is None else other.loss)


def failed_trial(proposal: Proposal, error: Exception, seconds: float) -> Trial:
    """The trial of a proposal that ended with an error; a ``TimeoutError`` says that its time was over."""
    said = " ".join(str(error).splitlines()[:2])  # Py4J names the cause in the second line
    return Trial(
        proposal.estimator, proposal.number, proposal.parameters, proposal.point, math.inf, None, seconds,
        status="timed out" if isinstance(error, TimeoutError) else "failed", error=f"{type(error).__name__}: {said}",
    )  # fmt: skip
