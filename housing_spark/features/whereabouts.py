"""The family ``place``: turned axes, and distances to places that the contract names."""

from housing_spark.features.grown import Grown
from housing_spark.features.transformers import sql_stage


def grow(grown: Grown) -> None:
    """Add them where homes have a place."""
    place = grown.inputs.place
    terms = place.terms(grown.settings.rotations) if place else []
    if terms:
        grown.add(sql_stage(terms), [name for name, _ in terms])
