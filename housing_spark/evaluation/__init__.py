"""How good a model is: figures on all rows and segments, baselines, ranges, paired comparisons, and the report."""

from housing_spark.evaluation import report
from housing_spark.evaluation.baselines import NAMES as BASELINES
from housing_spark.evaluation.baselines import Baselines, fit_baselines
from housing_spark.evaluation.comparison import bucket_errors, relative_gains
from housing_spark.evaluation.figures import metric_rows
from housing_spark.evaluation.intervals import Interval, calibrate

__all__ = [
    "BASELINES", "Baselines", "Interval", "bucket_errors", "calibrate", "fit_baselines", "metric_rows",
    "relative_gains", "report",
]  # fmt: skip
