"""The report of a model: errors gathered in Spark, drawn by matplotlib, told on one page that needs no network."""

from housing_spark.evaluation.report import facts
from housing_spark.evaluation.report.card import model_card
from housing_spark.evaluation.report.data import Data, gather_data
from housing_spark.evaluation.report.gather import gather_errors
from housing_spark.evaluation.report.inside import look_inside
from housing_spark.evaluation.report.page import report_page

__all__ = ["Data", "facts", "gather_data", "gather_errors", "look_inside", "model_card", "report_page"]
