"""The family ``ratios``: squares and products of numeric features, and their ratios, as the settings name them."""

from collections.abc import Sequence

from housing_spark.errors import ConfigurationError
from housing_spark.features.grown import Grown
from housing_spark.features.transformers import sql_stage
from housing_spark.settings.features import Features


def grow(grown: Grown) -> None:
    """Add the terms, over filled and clipped values."""
    terms = terms_of(grown.settings, grown.inputs.numeric)
    if terms:
        grown.add(sql_stage(terms), [name for name, _ in terms])


def terms_of(settings: Features, numeric: Sequence[str]) -> list[tuple[str, str]]:
    """Names and SQL of the terms.

    Raises:
        ConfigurationError: A polynomial or a ratio names no numeric feature.
    """
    pairs = [tuple(ratio.split("/")) for ratio in settings.ratios]
    for name in (*settings.polynomial, *(part for pair in pairs for part in pair)):
        if name not in numeric or any(len(pair) != 2 for pair in pairs):
            raise ConfigurationError(
                "E-CFG-016",
                f"features.polynomial or ratios: '{name}' is no numeric feature; known: {', '.join(numeric)}",
            )
    names = settings.polynomial
    products = [(f"{a}__times__{b}", f"`{a}__value` * `{b}__value`") for i, a in enumerate(names) for b in names[i:]]
    quotients = [(f"{a}__per__{b}", f"COALESCE(TRY_DIVIDE(`{a}__value`, `{b}__value`), 0D)") for a, b in pairs]
    return products + quotients
