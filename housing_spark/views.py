"""Tables and the questions over them, known by name: ``<dataset>.<table>``, ``<dataset>.<question>``."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.schemas.models import JOB_RUNS
from housing_spark.serving import Question, load_questions
from housing_spark.tables import Warehouse, register_tables, table_ddl

_ALL = "show"


def register(warehouse: Warehouse, statement: str | None = None) -> list[str]:
    """Make the dataset's tables and the questions over them known by name; returns the statements that do it.

    A question is left out as long as a table that it reads is missing. In a catalog that outlives the session, views
    are replaced, tables never.

    Args:
        warehouse: The dataset's tables.
        statement: Only the tables and questions that this statement names or needs: all of them take half a minute.

    Raises:
        ConfigurationError: A table's name stands for another location already.
    """
    tables, questions = warehouse.tables(), load_questions(_segments(warehouse))
    if statement is not None:
        words = _words(statement)
        questions = _needed(questions, words)
        needed = words.union(*(question.reads for question in questions))
        tables = [table for table in tables if table in needed or _ALL in words]
    register_tables(warehouse, tables)
    statements = _register_views(warehouse, questions, set(tables))
    return [*table_ddl(warehouse, tables), f"USE {warehouse.database}", *statements]


def answer(warehouse: Warehouse, question: str) -> DataFrame:
    """The answer to one of the questions, by name, once it is registered."""
    return warehouse.spark.table(f"{warehouse.database}.`{question}`")


def _register_views(warehouse: Warehouse, questions: Sequence[Question], known: set[str]) -> list[str]:
    statements: list[str] = []
    with _current_database(warehouse):
        for question in questions:
            if question.reads <= known:
                known.add(question.name)
                statements.append(_register_view(question, warehouse))
    return statements


def _words(statement: str) -> set[str]:
    return set(re.findall(r"\w+", statement.lower()))


def _needed(questions: Sequence[Question], words: set[str]) -> list[Question]:
    """The questions that a statement's words name, after those that they read; all of them for SHOW."""
    needed = {question.name for question in questions} if _ALL in words else set(words)
    for question in reversed(questions):
        if question.name in needed:
            needed |= question.reads
    return [question for question in questions if question.name in needed]


def _register_view(question: Question, warehouse: Warehouse) -> str:
    schema = warehouse.spark.sql(question.query).schema
    columns = {f.name: question.comments.get(f.name, f.metadata.get("comment", "")) for f in schema.fields}
    statement = question.view_statement(warehouse.database, columns)
    warehouse.spark.sql(statement)
    return statement


def _segments(warehouse: Warehouse) -> list[str]:
    """The segment columns that the features job noted: at most one row is read."""
    if not warehouse.exists(JOB_RUNS.name):
        return []
    runs = warehouse.read(JOB_RUNS.name).where((F.col("job") == "features") & (F.col("status") == "done"))
    newest = runs.orderBy(F.col("ended_at").desc()).select("details").limit(1).collect()
    return list(json.loads(newest[0]["details"])["segments"]) if newest else []


@contextmanager
def _current_database(warehouse: Warehouse) -> Iterator[None]:
    """Views remember the database that was current when they were made; the session's own comes back."""
    catalog = warehouse.spark.catalog
    before = f"`{catalog.currentCatalog()}`.`{catalog.currentDatabase()}`"
    warehouse.spark.sql(f"USE {warehouse.database}")
    try:
        yield
    finally:
        warehouse.spark.sql(f"USE {before}")
