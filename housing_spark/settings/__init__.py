"""Settings: what a run may decide, typed, frozen, and read once.

Each room receives its own section, never the whole.
"""

from housing_spark.settings.base import Section
from housing_spark.settings.load import load_settings, masked_settings, masked_word
from housing_spark.settings.sections import Settings
from housing_spark.settings.training import Dimension, Search

__all__ = ["Dimension", "Search", "Section", "Settings", "load_settings", "masked_settings", "masked_word"]
