"""Settings of the reasons that prices are given."""

from pydantic import Field

from housing_spark.settings.base import Section


class Explanation(Section):
    """How prices are explained."""

    rows: int = Field(
        1_000, ge=1, description="Rows that are explained, by hash of their key, unless all are asked for."
    )
    permuted_rows: int = Field(
        300, ge=0, le=10_000, description="Test rows that swap a feature's values to tell its importance; 0: none."
    )
    top_reasons: int = Field(
        5, ge=1, le=100, description="Reasons that a price is given one by one, the largest; others together."
    )
    comparables: int = Field(5, ge=0, le=100, description="Comparable sales that are named for a home.")
    comparable_pool: int = Field(
        5_000,
        ge=1,
        le=100_000,
        description="Training sales, by hash of their key, that comparable ones are chosen from.",
    )
    comparable_reach: float = Field(
        10.0,
        gt=0,
        description="Distance (km, or the grid's unit) that counts as much as reasons that differ by a tenth.",
    )
