"""Models that are kept: saved with their record, loaded only when unchanged, promoted only through the gate."""

from housing_spark.registry.gate import Decision, GateFigures, judge
from housing_spark.registry.store import RegisteredModel, Registry, Saved

__all__ = ["Decision", "GateFigures", "RegisteredModel", "Registry", "Saved", "judge"]
