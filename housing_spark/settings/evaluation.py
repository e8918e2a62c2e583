"""Settings of a model's use: how rows are priced, how a model is measured, and when it may become champion."""

from typing import Literal

from pydantic import Field

from housing_spark.settings.base import Mode, Section, Share


class Scoring(Section):
    """How rows are priced."""

    engine: Literal["native", "spark"] = Field(
        "native", description="How a model's trees are walked in batch scoring: natively, or by Spark's own model."
    )
    driver_rows: int = Field(
        100_000,
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
    max_segment_lean: Share = Field(
        0.05, description="How far a segment's prices may lie above or below those of the other homes, beyond chance."
    )

    @property
    def levels(self) -> tuple[float, ...]:
        """The shares of all ranges, ascending."""
        return tuple(sorted({self.interval_level, *self.interval_levels}))


class Gate(Section):
    """When a model may become champion."""

    mode: Mode = Field(
        "on", description="Whether verdicts count, are only recorded, or a model is promoted without being judged."
    )
    confidence: Share = Field(0.95, description="Level of the two-sided paired bootstrap interval.")
    resamples: int = Field(500, ge=100, description="Bootstrap resamples.")
    min_gain_over_baselines: float = Field(
        0.05, ge=0, description="Relative RMSE gain over each baseline: lower end of the interval."
    )
    min_gain_over_champion: float = Field(
        0.015,
        ge=0,
        description="Relative gain over the champion in mean absolute error; its interval lies above 0, too.",
    )
    min_rmse_gain_over_champion: float = Field(
        0.0, description="Relative RMSE gain over the champion, as measured; negative: so much may be lost."
    )
    max_segment_ratio: float = Field(3.0, gt=1, description="Worst segment's RMSE over the overall RMSE.")
    min_coverage: Share = Field(0.80, description="Lowest share of test prices inside the range.")
    max_coverage: Share = Field(0.99, description="Highest share of test prices inside the range.")
    min_median_ratio: float = Field(
        0.90, gt=0, description="Lowest median of predicted over true test prices (IAAO, Standard on Ratio Studies)."
    )
    max_median_ratio: float = Field(1.10, gt=0, description="Highest median of predicted over true test prices.")
    max_cod: float = Field(
        25.0, gt=0, description="Highest coefficient of dispersion on test prices, per cent; the standard of the IAAO "
        "accepts 15 for homes, and 25 at most for any kind of property.",
    )  # fmt: skip
    max_native_difference: float = Field(
        1e-9, gt=0, description="Largest difference of native prices from the Spark model's, relative."
    )
