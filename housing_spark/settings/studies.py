"""Settings of studies: a model's parameters fitted again on other splits, rows and features."""

from typing import Annotated

from pydantic import Field

from housing_spark.settings.base import Section


class Studies(Section):
    """How a model is studied (``housing evaluate --studies``)."""

    blocks: int = Field(100, ge=4, le=900, description="Blocks that the map is cut into for spatial validation.")
    curve_shares: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        (0.0625, 0.125, 0.25, 0.5, 1.0), min_length=1, description="Shares of the training rows in the learning curve."
    )
