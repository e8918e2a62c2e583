"""Export to PostgreSQL: rows are copied into a temporary table and merged from there, in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pyspark.sql import types as T

from housing_spark.errors import ConfigurationError, InputRefusedError, ResourceMissingError
from housing_spark.schemas import Field, Table
from housing_spark.serving.upsert import Loaded, check_columns

_WAIT_SECONDS = 10
_STAGED = sql.Identifier("housing_export_staged")
# One export to a table at a time; others wait here, before they look at the table.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('housing export'), hashtext(%s))"
_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""
_KEY = """
    SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
    WHERE indrelid = to_regclass(%s) AND indisprimary
"""
_UPSERT = """
    WITH written AS (
        INSERT INTO {table} AS kept ({columns}) SELECT {columns} FROM {staged}
        ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE ({kept}) IS DISTINCT FROM ({new})
        RETURNING kept.xmax = 0 AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
_TYPES: dict[type[T.DataType], str] = {
    T.StringType: "text", T.BooleanType: "boolean", T.IntegerType: "integer", T.LongType: "bigint",
    T.FloatType: "real", T.DoubleType: "double precision", T.DateType: "date",
    T.TimestampType: "timestamp with time zone",
}  # fmt: skip


class Postgres:
    """A PostgreSQL database."""

    def __init__(self, connection: "psycopg.Connection[Any]", label: str) -> None:
        """Use ``connect``."""
        self._connection = connection
        self.label = label

    @classmethod
    @contextmanager
    def connect(cls, url: str) -> "Iterator[Postgres]":
        """Connect; a password may come from the URL, PGPASSWORD or ~/.pgpass.

        Raises:
            ConfigurationError: The URL has a part that PostgreSQL does not know.
            ResourceMissingError: The server cannot be reached, or stops; nothing was changed.
            InputRefusedError: A value that PostgreSQL cannot hold; nothing was changed.
        """
        label = _label(url)
        try:
            with psycopg.connect(url, connect_timeout=_WAIT_SECONDS, application_name="housing export") as connection:
                yield cls(connection, label)
        except psycopg.DataError as error:
            raise InputRefusedError("E-EXP-006", f"{label}: {_line(error)}; the table is as before") from error
        except psycopg.Error as error:
            raise ResourceMissingError("E-EXP-003", f"{label}: {_line(error)}; the table is as before") from error

    def upsert(self, table: Table, rows: Iterable[Sequence[Any]]) -> Loaded:
        """Write rows by key, in one transaction."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(_LOCK, (table.name,))
            self._make(cursor, table)
            target = _identifier(table)
            cursor.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(_STAGED, target))
            given = 0
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(_STAGED, _names(table))) as copy:
                for given, row in enumerate(rows, start=1):  # noqa: B007  # counted for the closing line
                    copy.write_row(row)
            inserted, updated = cursor.execute(_upsert_statement(table)).fetchone() or (0, 0)
        return Loaded(inserted, updated, given - inserted - updated)

    def _make(self, cursor: "psycopg.Cursor[Any]", table: Table) -> None:
        """Create the table with its comments, or refuse one that was made for something else."""
        expected = {field.name: _type(field) for field in table.fields}
        found = dict(cursor.execute(_COLUMNS, (table.name,)).fetchall())
        if found:
            key = {name for (name,) in cursor.execute(_KEY, (table.name,))}
            check_columns(f"{self.label} {table.name}", found, expected, (sorted(key), sorted(table.key)))
            return
        for statement in _create_statements(table):
            cursor.execute(statement)


def _label(url: str) -> str:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its text repeats parts of the URL
        raise ConfigurationError(
            "E-EXP-001", "--to: expected postgresql://user@host:port/database, with options that PostgreSQL knows"
        ) from None
    return f"postgresql://{parts.get('host', '')}:{parts.get('port', '')}/{parts.get('dbname', '')}"


def _line(error: psycopg.Error) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _type(field: Field) -> str:
    if isinstance(field.type, T.DecimalType):
        return f"numeric({field.type.precision},{field.type.scale})"
    return _TYPES[type(field.type)]


def _identifier(table: Table) -> sql.Identifier:
    return sql.Identifier(*table.name.split("."))


def _names(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(field.name) for field in table.fields)


def _create_statements(table: Table) -> Iterator[sql.Composed]:
    target = _identifier(table)
    columns = [sql.SQL("{} " + _type(field)).format(sql.Identifier(field.name)) for field in table.fields]
    key = sql.SQL(", ").join(map(sql.Identifier, table.key))
    shape = sql.SQL("CREATE TABLE {} ({}, PRIMARY KEY ({}))")
    yield shape.format(target, sql.SQL(", ").join(columns), key)
    yield sql.SQL("COMMENT ON TABLE {} IS {}").format(target, table.comment)
    for field in table.fields:
        column = sql.Identifier(*table.name.split("."), field.name)
        yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, field.comment)


def _upsert_statement(table: Table) -> sql.Composed:
    names = [sql.Identifier(field.name) for field in table.fields]

    def listed(pattern: str) -> sql.Composed:
        return sql.SQL(", ").join(sql.SQL(pattern).format(name=name) for name in names)

    return sql.SQL(_UPSERT).format(
        table=_identifier(table), staged=_STAGED, columns=_names(table), changes=listed("{name} = excluded.{name}"),
        key=sql.SQL(", ").join(map(sql.Identifier, table.key)), kept=listed("kept.{name}"),
        new=listed("excluded.{name}"),
    )  # fmt: skip
