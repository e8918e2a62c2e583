"""Model and rows to predictions, each with its passport. No trainer is imported here."""

from housing_spark.scoring.native import NativeEnsemble, is_priced_by_trees, load_native, make_native, read_certificate
from housing_spark.scoring.passport import Passport, passport_row
from housing_spark.scoring.price import price_rows, unpriced_rows

__all__ = [
    "NativeEnsemble", "Passport", "is_priced_by_trees", "load_native", "make_native", "passport_row", "price_rows",
    "read_certificate", "unpriced_rows",
]  # fmt: skip
