"""The family ``neighbours``: what the nearest training sales say, where homes have a place and sales are many."""

from collections.abc import Sequence

from housing_spark.errors import ConfigurationError
from housing_spark.features.grown import Grown
from housing_spark.features.neighbours import NeighbourPrices, WiderPricesModel
from housing_spark.settings.features import Neighbours


def grow(grown: Grown) -> None:
    """Add prices, distances and means of the nearest; prices are of one level of the market."""
    place, settings = grown.inputs.place, grown.settings.neighbours
    if place is None:
        return
    features = [name for name in grown.inputs.numeric if name not in place.columns]
    model = NeighbourPrices(place, features, settings).fit_if_many(grown.priced)
    if model is None:
        return
    grown.add(model, model.outputs)
    wider = WiderPricesModel.beside(model, settings)
    if wider:
        grown.add(wider, wider.outputs)


def check_alike(settings: Neighbours, numeric: Sequence[str]) -> None:
    """Refuse names of what makes homes alike that are no numeric features.

    Raises:
        ConfigurationError: One is not.
    """
    for name in settings.alike:
        if name not in numeric:
            raise ConfigurationError(
                "E-CFG-016", f"features.neighbours.alike: '{name}' is no numeric feature; known: {', '.join(numeric)}"
            )
