"""Model and rows to predictions, each with its passport. No trainer is imported here."""

from housing_spark.scoring.passport import Passport, passport_row
from housing_spark.scoring.price import price_rows, unpriced_rows

__all__ = ["Passport", "passport_row", "price_rows", "unpriced_rows"]
