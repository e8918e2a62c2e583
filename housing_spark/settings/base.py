"""What the sections of the settings share."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _as_written(value: Any) -> Any:
    """YAML reads on and off as truth values."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


Mode = Annotated[Literal["on", "dry_run", "off"], BeforeValidator(_as_written)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Section(BaseModel):
    """A part of the settings; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
