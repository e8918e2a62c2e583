"""The settings of data quality: how bad a batch may be, and the gates that it passes."""

from typing import Literal

from pydantic import Field, model_validator

from housing_spark.settings.base import Section

GateName = Literal[
    "row_count", "readable", "required", "missing", "ranges", "sets", "rules", "unique_keys", "freshness",
    "label_distribution", "category_shares", "derived", "priced", "plausible",
]  # fmt: skip


_TABLE_OF_GATE = {"derived": "features", "priced": "predictions", "plausible": "predictions"}


class QualityGate(Section):
    """One gate; what each name checks and what its threshold means is in docs/quality.md."""

    name: GateName = Field(description="What is checked.")
    severity: Literal["critical", "warning", "info"] = Field(
        "warning", description="Critical stops the stage with exit code 4; info is only recorded."
    )
    threshold: float = Field(0.0, ge=0, description="How much is let through: a share of rows, or days.")
    needs: tuple[GateName, ...] = Field((), description="Earlier gates without which this one says nothing.")


class Quality(Section):
    """When a batch is too bad to publish."""

    max_quarantined_share: float = Field(
        0.05, ge=0, le=1, description="A batch with a larger share of refused rows is not published."
    )
    mode: Literal["enforce", "warn"] = Field("enforce", description="Whether a failed critical gate stops the stage.")
    gates: tuple[QualityGate, ...] = Field((), description="Gates of Great Expectations, in order.")

    @model_validator(mode="after")
    def _thresholds_fit(self) -> "Quality":
        for gate in self.gates:
            if gate.name != "freshness" and (gate.threshold > 1 or (gate.name == "row_count" and gate.threshold == 1)):
                raise ValueError(f"gate {gate.name}: threshold {gate.threshold:g} is no share below 1")
        return self

    @model_validator(mode="after")
    def _gates_stand_after_their_needs(self) -> "Quality":
        seen: set[str] = set()
        for gate in self.gates:
            missing = [name for name in gate.needs if name not in seen]
            if gate.name in seen or missing:
                cause = f"needs {', '.join(missing)}, which stand later or nowhere" if missing else "stands twice"
                raise ValueError(f"gate {gate.name} {cause}")
            seen.add(gate.name)
        return self

    def for_table(self, table: str) -> "Quality":
        """The settings that concern one table: another table's gates are not among them."""
        gates = tuple(gate for gate in self.gates if _TABLE_OF_GATE.get(gate.name, "clean") == table)
        return self.model_copy(update={"gates": gates})

    def depends(self, table: str) -> "Quality":
        """The settings that a table's rows depend on: how a failed gate is treated is not among them."""
        own = self.for_table(table)
        gates = tuple(gate.model_copy(update={"severity": "warning"}) for gate in own.gates)
        return own.model_copy(update={"mode": "enforce", "gates": gates})
