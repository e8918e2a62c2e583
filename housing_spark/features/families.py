"""The families of features, in the order of their stages; ``features.families`` of the settings names them.

Missing indicators are made where gaps are filled: ``NumericConditioner`` in ``transformers.py``.
"""

from collections.abc import Callable, Mapping

from housing_spark.features import nearby, ratios, time, whereabouts
from housing_spark.features.grown import Grown

GROW: Mapping[str, Callable[[Grown], None]] = {
    "time": time.grow,
    "place": whereabouts.grow,
    "ratios": ratios.grow,
    "neighbours": nearby.grow,
}


def grow_families(grown: Grown) -> None:
    """Add the features of every family that the settings do not leave out."""
    for name, grow in GROW.items():
        if getattr(grown.settings.families, name):
            grow(grown)
