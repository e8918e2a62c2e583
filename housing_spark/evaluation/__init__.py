"""How good a model is: figures on all rows and segments, baselines, ranges, paired comparisons, and the report."""

from housing_spark.evaluation import report
from housing_spark.evaluation.baselines import NAMES as BASELINES
from housing_spark.evaluation.baselines import Baselines, fit_baselines
from housing_spark.evaluation.comparison import Comparison, compare
from housing_spark.evaluation.figures import metric_rows
from housing_spark.evaluation.intervals import Ranges, calibrate
from housing_spark.evaluation.range_stages import group_stage, range_stage

__all__ = [
    "BASELINES", "Baselines", "Comparison", "Ranges", "calibrate", "compare", "fit_baselines", "group_stage",
    "metric_rows", "range_stage", "report",
]  # fmt: skip
