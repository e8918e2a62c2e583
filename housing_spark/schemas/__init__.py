"""What each table looks like; names, columns and comments are public API."""

from housing_spark.schemas import models, sales
from housing_spark.schemas.table import Field, Table

__all__ = ["Field", "Table", "models", "sales"]
