"""How good a model is: figures on all rows and segments, baselines, ranges, paired comparisons, and the report."""

from housing_spark.evaluation import report
from housing_spark.evaluation.baselines import NAMES as BASELINES
from housing_spark.evaluation.baselines import Baselines, fit_baselines
from housing_spark.evaluation.comparison import bucket_errors, relative_gains
from housing_spark.evaluation.figures import metric_rows
from housing_spark.evaluation.intervals import Ranges, calibrate
from housing_spark.evaluation.range_stages import group_stage, range_stage

__all__ = [
    "BASELINES", "Baselines", "Ranges", "bucket_errors", "calibrate", "fit_baselines", "group_stage", "metric_rows",
    "range_stage", "relative_gains", "report",
]  # fmt: skip
