"""Text to types, and one row per key. Nothing is learned here and no row is dropped: each gets a reason or a place."""

from housing_spark.cleaning.keys import hash_expr
from housing_spark.cleaning.parse import parse_sales
from housing_spark.cleaning.place import accepted_sales, place_sales, refused_sales
from housing_spark.cleaning.shared import shared_keys, with_copies

__all__ = ["accepted_sales", "hash_expr", "parse_sales", "place_sales", "refused_sales", "shared_keys", "with_copies"]
