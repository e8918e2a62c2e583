"""Model and rows to predictions, each with its passport. No trainer is imported here."""

from housing_spark.scoring.native import (
    Ensemble,
    NativeEnsemble,
    is_priced_by_trees,
    load_native,
    make_native,
    read_certificate,
    read_ensemble,
)
from housing_spark.scoring.passport import Passport, passport_row
from housing_spark.scoring.price import price_rows, unpriced_rows

__all__ = [
    "Ensemble", "NativeEnsemble", "Passport", "is_priced_by_trees", "load_native", "make_native", "passport_row",
    "price_rows", "read_certificate", "read_ensemble", "unpriced_rows",
]  # fmt: skip
