"""Models that are kept: saved with their record, loaded only when unchanged, promoted only through the gate."""

from housing_spark.registry.gate import Decision, GateFigures, judge
from housing_spark.registry.model import Companion, RegisteredModel, Saved
from housing_spark.registry.store import Registry

__all__ = ["Companion", "Decision", "GateFigures", "RegisteredModel", "Registry", "Saved", "judge"]
