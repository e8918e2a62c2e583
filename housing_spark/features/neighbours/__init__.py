"""Neighbour prices: the nearest training sales of a home, by place and among homes alike."""

from housing_spark.features.neighbours.stage import NeighbourPrices, NeighbourPricesModel, WiderPricesModel

__all__ = ["NeighbourPrices", "NeighbourPricesModel", "WiderPricesModel"]
