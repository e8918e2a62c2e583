"""The families of features, in the order of their stages; ``features.families`` of the settings names them.

Missing indicators and flags of outliers are made where gaps are filled: ``NumericConditioner`` in ``transformers.py``.
"""

from collections.abc import Callable, Mapping

from housing_spark.features import nearby, ratios, target, time, whereabouts
from housing_spark.features.grown import Grown
from housing_spark.features.transformers import OUTLIER

GROW: Mapping[str, Callable[[Grown], None]] = {
    "time": time.grow,
    "place": whereabouts.grow,
    "ratios": ratios.grow,
    "target_encoding": target.grow,
    "neighbours": nearby.grow,
}


# What a family's columns have in their names, as no column of another has.
_SIGNS = {
    "time__": "time", "axis__": "place", "distance_to__": "place", "near__": "neighbours", "alike__": "neighbours",
    "__times__": "ratios", "__per__": "ratios", "__missing": "missing_indicators",
    OUTLIER: "outlier_flags",
    target.MEAN: "target_encoding",
}  # fmt: skip


def grow_families(grown: Grown) -> None:
    """Add the features of every family that the settings do not leave out."""
    for name, grow in GROW.items():
        if getattr(grown.settings.families, name):
            grow(grown)


def family_of(column: str) -> str | None:
    """The family of a column of the vector, by its name; ``None``: it is a feature of the contract."""
    return next((family for sign, family in _SIGNS.items() if sign in column), None)
