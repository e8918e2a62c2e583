"""Export to an SQLite file, with the standard library."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import types as T

from housing_spark.errors import InputRefusedError, ResourceMissingError
from housing_spark.schemas import Field, Table
from housing_spark.serving.upsert import Loaded, check_columns

_WAIT_SECONDS = 30
_TYPES: dict[type[T.DataType], str] = {
    T.BooleanType: "INTEGER", T.IntegerType: "INTEGER", T.LongType: "INTEGER",
    T.FloatType: "REAL", T.DoubleType: "REAL",
}  # fmt: skip


class Sqlite:
    """An SQLite file. Decimals, dates and times are texts: it has no types for them."""

    def __init__(self, connection: sqlite3.Connection, label: str) -> None:
        """Use ``connect``."""
        self._connection = connection
        self.label = label

    @classmethod
    @contextmanager
    def connect(cls, path: str) -> "Iterator[Sqlite]":
        """Open or create the file.

        Raises:
            ResourceMissingError: It cannot be opened, is locked, or the disk is full; nothing was changed.
            InputRefusedError: A value that SQLite cannot hold; nothing was changed.
        """
        try:
            with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
                yield cls(connection, f"sqlite:///{path}")
        except (sqlite3.IntegrityError, OverflowError) as error:
            raise InputRefusedError("E-EXP-006", f"sqlite:///{path}: {error}; the file is as before") from error
        except sqlite3.Error as error:
            raise ResourceMissingError("E-EXP-003", f"sqlite:///{path}: {error}; the file is as before") from error

    def upsert(self, table: Table, rows: Iterable[Sequence[Any]]) -> Loaded:
        """Write rows by key, in one transaction."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(_create_statement(table))
            self._check(table)
            before, changes = self._rows(table), connection.total_changes
            counted = _Counted(rows)
            connection.executemany(_upsert_statement(table), counted)
            inserted, changed = self._rows(table) - before, connection.total_changes - changes
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return Loaded(inserted, changed - inserted, counted.rows - changed)

    def _check(self, table: Table) -> None:
        found = self._connection.execute(f'PRAGMA table_info("{table.name}")').fetchall()
        key = tuple(name for _, name, _, _, _, place in sorted(found, key=lambda row: row[5]) if place)
        expected = {field.name: _type(field) for field in table.fields}
        check_columns(f"{self.label} {table.name}", {row[1]: row[2] for row in found}, expected, (key, table.key))

    def _rows(self, table: Table) -> int:
        return int(self._connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0])  # noqa: S608  # checked


class _Counted:
    """Rows on their way into the file, as SQLite's own types; counts them."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._given = rows
        self.rows = 0

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._given:
            self.rows += 1
            yield [_value(value) for value in row]


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date


def _type(field: Field) -> str:
    return _TYPES.get(type(field.type), "TEXT")


def _create_statement(table: Table) -> str:
    """The comments stay in the statement, which SQLite keeps and ``.schema`` shows."""
    columns = (f'  "{f.name}" {_type(f)}, /* {f.comment.replace("*/", "")} */' for f in table.fields)
    key = ", ".join(f'"{name}"' for name in table.key)
    return f'CREATE TABLE IF NOT EXISTS "{table.name}" (\n' + "\n".join(columns) + f"\n  PRIMARY KEY ({key})\n)"


def _upsert_statement(table: Table) -> str:
    names = [f'"{field.name}"' for field in table.fields]
    listed, marks, new = ", ".join(names), ", ".join("?" * len(names)), ", ".join(f"excluded.{name}" for name in names)
    key = ", ".join(f'"{name}"' for name in table.key)
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    kept = ", ".join(f'"{table.name}".{name}' for name in names)
    return (
        f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks}) '  # noqa: S608  # names are checked, values are bound
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE ({kept}) IS NOT ({new})"
    )
