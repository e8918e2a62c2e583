"""Questions in SQL, one file each: the first line asks, further ``-- column: text`` lines explain new columns.

* A question names tables and other questions without their database, which is the current one when a view is made:
  the text is the same for every dataset, and nothing is pasted into it but the contract's segments.
* Those cannot be parameters, since a view has none and a column's name is not a value. They are pasted in one
  place, ``row_segments``, after a check of their form, as quoted names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.resources import files

import sqlglot
from sqlglot import exp

from housing_spark.errors import TableDamagedError

_SEGMENTS = "/* the contract's segments */"
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COLUMN_COMMENT = re.compile(r"-- (\w+): (.+)")


@dataclass(frozen=True)
class Question:
    """A question to the tables of one dataset.

    Attributes:
        name: Name of the file and of the view.
        asks: The question, in words.
        comments: Meaning of each column that no table has.
        query: The SQL.
        reads: Tables and other questions that it reads.
    """

    name: str
    asks: str
    comments: Mapping[str, str]
    query: str
    reads: frozenset[str]

    def view_statement(self, database: str, columns: Mapping[str, str]) -> str:
        """The statement that makes the question a view.

        Args:
            database: Quoted name of the dataset's database.
            columns: The columns of the answer, each with a comment, in order.
        """
        listed = ",\n".join(f"  `{name}` COMMENT {_text(comment)}" for name, comment in columns.items())
        head = f"CREATE OR REPLACE VIEW {database}.`{self.name}` (\n{listed}\n)"
        return f"{head} COMMENT {_text(self.asks)} AS\n{self.query}"


def load_questions(segments: Sequence[str] = ()) -> list[Question]:
    """Every question, each after those that it reads, in the same order in every process.

    Args:
        segments: The contract's segment columns.
    """
    folder = files("housing_spark.serving") / "sql"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    questions = [_question(file.name.removesuffix(".sql"), file.read_text("utf-8"), segments) for file in found]
    by_name = {question.name: question for question in sorted(questions, key=lambda question: question.name)}
    order = TopologicalSorter({name: sorted(question.reads & by_name.keys()) for name, question in by_name.items()})
    return [by_name[name] for name in order.static_order()]


def _question(name: str, text: str, segments: Sequence[str]) -> Question:
    header, _, body = text.strip().partition("\n\n")
    asks, *explained = header.splitlines()
    comments = {match[1]: match[2] for line in explained if (match := _COLUMN_COMMENT.fullmatch(line))}
    query = body.replace(_SEGMENTS, "".join(map(_segment, segments)))
    return Question(name, asks.removeprefix("-- "), comments, query, _tables_read(query))


def _segment(column: str) -> str:
    if not _COLUMN_NAME.fullmatch(column):
        raise TableDamagedError(
            "E-SQL-001", f"segment {column!r}: not the name of a contract column; run features again"
        )
    return f", struct('{column}' AS segment_column, coalesce(CAST(`{column}` AS STRING), '(missing)') AS segment)"


def _tables_read(query: str) -> frozenset[str]:
    tree = sqlglot.parse_one(query, dialect="spark")
    own = {part.alias for part in tree.find_all(exp.CTE)}
    return frozenset(table.name for table in tree.find_all(exp.Table)) - own


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
