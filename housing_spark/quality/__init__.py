"""Which rows are fit: bounds, allowed values and rules of the contract, and how many bad rows a batch may have."""

from housing_spark.quality.batch import BatchCount, check_batches, check_written, count_batches, total
from housing_spark.quality.rules import objections

__all__ = ["BatchCount", "check_batches", "check_written", "count_batches", "objections", "total"]
