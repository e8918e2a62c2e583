"""Settings of the guard against features that know what they could not know."""

from pydantic import Field

from housing_spark.settings.base import Mode, Section, Share


class Leakage(Section):
    """When a feature looks as if it knew the price."""

    mode: Mode = Field(
        "on", description="Whether a finding stops training, is only recorded, or nothing is looked for."
    )
    sample_rows: int = Field(20_000, ge=1_000, description="Rows that are looked at, chosen by hash.")
    max_strength: Share = Field(0.9, description="Share of the order of prices that one feature may explain alone.")
    max_missing: Share = Field(
        0.95, description="Probability that a home with a gap is dearer (or cheaper) than one without."
    )
    max_shift: Share = Field(0.25, description="What a feature's rank correlation may lose from training to test rows.")
    max_future: Share = Field(
        0.2, description="How much more a feature may tell of later prices nearby than of earlier ones, in correlation."
    )
    max_twins: Share = Field(0.01, description="Share of judged rows that training rows may hold word for word.")
    allow: tuple[str, ...] = Field((), description="Features that may: each is left out of the findings.")
