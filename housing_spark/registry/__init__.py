"""Models that are kept: saved with their record, loaded only when unchanged, promoted only through the gate."""

from housing_spark.registry.gate import PROMOTED_UNJUDGED, Decision, Gains, GateFigures, judge, judge_gains
from housing_spark.registry.model import Companion, RegisteredModel, Saved
from housing_spark.registry.store import Registry

__all__ = [
    "PROMOTED_UNJUDGED", "Companion", "Decision", "Gains", "GateFigures", "RegisteredModel", "Registry", "Saved",
    "judge", "judge_gains",
]  # fmt: skip
