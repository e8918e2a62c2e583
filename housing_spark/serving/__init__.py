"""What others see of the results: questions in SQL, one file each, which become views; and export to databases."""

from housing_spark.serving.questions import Question, load_questions
from housing_spark.serving.targets import Database, check_table_name, connect
from housing_spark.serving.upsert import Loaded

__all__ = ["Database", "Loaded", "Question", "check_table_name", "connect", "load_questions"]
