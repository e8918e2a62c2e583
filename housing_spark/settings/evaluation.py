"""Settings of a model's use: how rows are priced, how a model is measured, and when it may become champion."""

from typing import Literal

from pydantic import Field

from housing_spark.settings.base import Section, Share


class Scoring(Section):
    """How rows are priced."""

    engine: Literal["native", "spark"] = Field(
        "native", description="How a model's trees are walked in batch scoring: natively, or by Spark's own model."
    )
    driver_rows: int = Field(
        10_000,
        ge=0,
        description="Up to so many rows the driver walks native trees itself, which spares the start of more Pythons.",
    )


class Evaluation(Section):
    """How a model is measured."""

    interval_level: Share = Field(0.9, description="Share of prices that the range should cover.")
    interval_levels: tuple[Share, ...] = Field(
        (0.5, 0.8, 0.9, 0.95), description="Shares of further ranges around each price, column ranges of predictions."
    )
    interval_group_rows: int = Field(
        200, ge=20, description="Calibration rows from which a value of the contract's first segment that is a feature "
        "has ranges by its own errors.",
    )  # fmt: skip
    segment_min_rows: int = Field(30, ge=1, description="Segments with fewer rows are not reported.")

    @property
    def levels(self) -> tuple[float, ...]:
        """The shares of all ranges, ascending."""
        return tuple(sorted({self.interval_level, *self.interval_levels}))


class Gate(Section):
    """When a model may become champion."""

    confidence: Share = Field(0.95, description="Level of the paired bootstrap interval.")
    resamples: int = Field(500, ge=100, description="Bootstrap resamples.")
    min_gain_over_baselines: float = Field(0.05, ge=0, description="Relative RMSE gain over each baseline.")
    min_gain_over_champion: float = Field(0.0, ge=0, description="Relative RMSE gain over the champion.")
    max_segment_ratio: float = Field(3.0, gt=1, description="Worst segment's RMSE over the overall RMSE.")
    min_coverage: Share = Field(0.80, description="Lowest share of test prices inside the range.")
    max_coverage: Share = Field(0.99, description="Highest share of test prices inside the range.")
    max_native_difference: float = Field(
        1e-5, gt=0, description="Largest difference of native prices from the Spark model's, relative."
    )
