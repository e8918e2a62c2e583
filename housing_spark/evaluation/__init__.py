"""How good a model is: figures by slice, baselines, ranges, comparisons, lean, errors by place, report."""

from housing_spark.evaluation import report
from housing_spark.evaluation.baselines import NAMES as BASELINES
from housing_spark.evaluation.baselines import Baselines, fit_baselines
from housing_spark.evaluation.comparison import Comparison, compare
from housing_spark.evaluation.errors_summed import ErrorSums, Told, sum_errors
from housing_spark.evaluation.fairness import Lean, Ratios, leans
from housing_spark.evaluation.figures import PRICE_DECILE, TIME_QUARTER, metric_rows
from housing_spark.evaluation.intervals import Ranges, calibrate
from housing_spark.evaluation.range_stages import group_stage, range_stage
from housing_spark.evaluation.spatial import Autocorrelation, error_autocorrelation

__all__ = [
    "BASELINES", "PRICE_DECILE", "TIME_QUARTER", "Autocorrelation", "Baselines", "Comparison", "ErrorSums", "Lean",
    "Ranges", "Ratios", "Told", "calibrate", "compare", "error_autocorrelation", "fit_baselines", "group_stage",
    "leans", "metric_rows", "range_stage", "report", "sum_errors",
]  # fmt: skip
