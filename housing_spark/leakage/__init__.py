"""Features that know what they could not know when a home is priced: found before a model is trained on them."""

from housing_spark.leakage.find import find_leaks
from housing_spark.leakage.findings import CHECKS, Finding

__all__ = ["CHECKS", "Finding", "find_leaks"]
