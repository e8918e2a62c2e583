"""What a dataset looks like: a profile in a fixed number of passes, a quality score with its parts, and a page."""

from housing_spark.profiling.facts import Arrival
from housing_spark.profiling.measure import measure_table
from housing_spark.profiling.page import Survey, profile_page
from housing_spark.profiling.score import score_quality

__all__ = ["Arrival", "Survey", "measure_table", "profile_page", "score_quality"]
