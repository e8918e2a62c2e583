"""Views: made where their tables are, one after another, by whoever asks; every table and column is commented."""

import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import types as T

from housing_spark import operations, views
from housing_spark.errors import TableDamagedError
from housing_spark.schemas import models, sales
from housing_spark.schemas.explanations import explanations_table
from housing_spark.schemas.quality import QUALITY_RESULTS
from housing_spark.schemas.studies import MODEL_STUDIES
from housing_spark.serving import load_questions
from housing_spark.tables import Run, Warehouse

NAMES = [question.name for question in load_questions()]


def test_the_statements_can_be_run_one_after_another(asked: Run) -> None:
    for statement in views.register(asked.warehouse):
        asked.spark.sql(statement)
    assert asked.spark.sql("SELECT * FROM champion").count() == 1
    asked.spark.sql("USE default")


def test_a_half_finished_warehouse_has_the_questions_it_can_answer(asked: Run, tmp_path: Path) -> None:
    for table in ("features", "job_runs"):
        shutil.copytree(asked.warehouse.path(table), tmp_path / "market_half" / table)
    statements = views.register(Warehouse(asked.spark, str(tmp_path), "market_half"))
    known = asked.spark.sql("SHOW VIEWS IN market_half").where("not isTemporary").toPandas().viewName
    assert set(known) == {"row_segments", "batches_over_time", "job_summary"}
    assert statements.index("USE `market_half`") == 3
    assert asked.spark.catalog.currentDatabase() == "default"


def test_a_statement_brings_the_questions_it_needs(asked: Run, tmp_path: Path) -> None:
    shutil.copytree(asked.warehouse.location, tmp_path / "market_asked")
    warehouse = Warehouse(asked.spark, str(tmp_path), "market_asked")
    views_known = "SHOW VIEWS IN market_asked"
    operations.query([warehouse], "SELECT * FROM market_asked.error_by_segment")
    known = asked.spark.sql(views_known).where("not isTemporary").toPandas().viewName
    assert set(known) == {"champion", "error_by_segment"}
    tables = set(asked.spark.sql("SHOW TABLES IN market_asked").toPandas().tableName) - set(known)
    assert tables == {"model_metrics", "promotion_decisions"}
    assert operations.query([warehouse], views_known).where("not isTemporary").count() == len(NAMES)


def test_a_segment_that_is_no_column_name_is_refused() -> None:
    with pytest.raises(TableDamagedError, match="E-SQL-001"):
        load_questions(["city', (select 1))) --"])


def test_every_table_and_column_has_its_comment(asked: Run) -> None:
    contract = asked.contract
    derived: dict[str, T.DataType] = dict.fromkeys(contract.features.derived, T.DoubleType())
    shapes = [
        sales.raw_table(contract), sales.clean_table(contract), sales.QUARANTINE,
        sales.features_table(contract, derived), models.predictions_table(contract), models.SCORING_RUNS,
        models.TRIALS, models.MODEL_METRICS, MODEL_STUDIES, models.PROMOTION_DECISIONS, models.JOB_RUNS,
        QUALITY_RESULTS, explanations_table(contract),
    ]  # fmt: skip
    assert {shape.name for shape in shapes} == set(asked.warehouse.tables())
    for shape in shapes:
        other = DeltaTable(asked.warehouse.path(shape.name))
        assert other.metadata().description == shape.comment
        comments = {field.name: field.metadata.get("comment") for field in other.schema().fields}
        assert comments == {field.name: field.comment for field in shape.fields}
        detail = asked.spark.sql(f"DESCRIBE DETAIL market.{shape.name}").collect()[0]
        assert detail["description"] == shape.comment
        assert (detail["properties"].get("delta.appendOnly") == "true") == shape.is_append_only
        assert ("delta.checkpointInterval" in detail["properties"]) == shape.is_append_only
