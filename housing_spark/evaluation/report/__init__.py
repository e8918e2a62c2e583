"""The report of a model: errors gathered in Spark, drawn by matplotlib, told on one page that needs no network."""

from housing_spark.evaluation.report import facts
from housing_spark.evaluation.report.card import model_card
from housing_spark.evaluation.report.data import Data, gather_data
from housing_spark.evaluation.report.gather import gather_errors
from housing_spark.evaluation.report.inside import look_inside
from housing_spark.evaluation.report.page import report_page
from housing_spark.evaluation.report.studies import Studies, StudyFit, gather_studies
from housing_spark.evaluation.report.study_section import gap_words, study_table

__all__ = [
    "Data", "Studies", "StudyFit", "facts", "gap_words", "gather_data", "gather_errors", "gather_studies",
    "look_inside", "model_card", "report_page", "study_table",
]  # fmt: skip
