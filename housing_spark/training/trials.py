"""A trial of a search: parameters that were tried, and how well they did."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Parameters = dict[str, Any]
TARGET_SCALE, LEFT_OUT, NOTHING = "log_target", "left_out", "none"
_RUNG_TRIALS_PER_FINAL, _FEWEST_FINALS = 8, 2


@dataclass(frozen=True)
class Proposal:
    """Parameters to try; ``is_final`` says on all rows, rather than on the few of a first rung."""

    estimator: str
    number: int
    parameters: Parameters
    point: dict[str, float]
    is_final: bool = True


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
    is_final: bool = True

    @property
    def is_ok(self) -> bool:
        """Whether the trial has a loss."""
        return self.status == "ok"

    def beats(self, other: "Trial | None") -> bool:
        """Whether the loss is less than another's, or a loss at all where there is no other."""
        return self.loss < (math.inf if other is None else other.loss)


def finals(trials: Sequence[Trial], budget: int) -> list[Proposal]:
    """The best trials of a first rung again, on all rows: an eighth of the budget, at least two, numbered after it.

    Successive halving with two rungs: Jamieson and Talwalkar, AISTATS 2016.
    """
    best = sorted((one for one in trials if one.is_ok), key=lambda one: (one.loss, one.number))[: final_count(budget)]
    return [Proposal(one.estimator, budget + place, one.parameters, one.point) for place, one in enumerate(best)]


def final_count(budget: int) -> int:
    """How many trials of a first rung are run again."""
    return min(budget, max(_FEWEST_FINALS, budget // _RUNG_TRIALS_PER_FINAL))


def failed_trial(proposal: Proposal, error: Exception, seconds: float) -> Trial:
    """The trial of a proposal that ended with an error; a ``TimeoutError`` says that its time was over."""
    said = " ".join(str(error).splitlines()[:2])  # Py4J names the cause in the second line
    return Trial(
        proposal.estimator, proposal.number, proposal.parameters, proposal.point, math.inf, None, seconds,
        status="timed out" if isinstance(error, TimeoutError) else "failed", error=f"{type(error).__name__}: {said}",
        is_final=proposal.is_final,
    )  # fmt: skip
