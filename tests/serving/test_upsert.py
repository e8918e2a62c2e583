"""Rows brought into real databases: inserted once, updated where they differ, or nothing at all."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pyspark.sql import types as T

from housing_spark.errors import ConfigurationError, InputRefusedError, ResourceMissingError
from housing_spark.schemas import Field, Table
from housing_spark.serving import Loaded, check_table_name, connect
from tests.serving.conftest import Server, rows_of

THINGS = Table(
    "things",
    "Things",
    (
        Field("id", T.LongType(), "names it"), Field("text", T.StringType(), "it's */ 100 % \\ text"),
        Field("price", T.DecimalType(10, 2), "price"), Field("at", T.TimestampType(), "when"),
        Field("share", T.DoubleType(), "share"), Field("is_new", T.BooleanType(), "new"),
    ),
    key=("id",),
)  # fmt: skip


def thing(number: int, share: float = 0.1, text: str = "a\tb\\N\n'\"") -> list[Any]:
    return [number, text, None, datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=UTC), share, True]


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/out.db"
        return
    server: Server = request.getfixturevalue("postgres")
    yield server.url()
    with psycopg.connect(server.url()) as connection:
        connection.execute("DROP TABLE IF EXISTS things")


def upsert(url: str, rows: Any, table: Table = THINGS) -> Loaded:
    with connect(url) as database:
        return database.upsert(table, rows)


def test_rows_are_inserted_updated_or_left_alone(url: str) -> None:
    assert upsert(url, [thing(1), thing(2)]) == Loaded(inserted=2, updated=0, unchanged=0)
    assert upsert(url, [thing(1), thing(2)]) == Loaded(inserted=0, updated=0, unchanged=2)
    assert upsert(url, [thing(1), thing(2, share=0.2), thing(3)]) == Loaded(inserted=1, updated=1, unchanged=1)
    assert rows_of(url, "SELECT id, share FROM things ORDER BY id") == [(1, 0.1), (2, 0.2), (3, 0.1)]
    assert rows_of(url, "SELECT text, price FROM things WHERE id = 1") == [("a\tb\\N\n'\"", None)]
    assert upsert(url, []) == Loaded(0, 0, 0)


def test_an_interrupted_export_leaves_the_target_as_before(url: str) -> None:
    def interrupted() -> Iterator[list[Any]]:
        yield thing(1, share=0.9)
        yield thing(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upsert(url, interrupted())
    with pytest.raises((psycopg.Error, sqlite3.Error), match="things"):
        rows_of(url, "SELECT * FROM things")
    upsert(url, [thing(1)])
    with pytest.raises(KeyboardInterrupt):
        upsert(url, interrupted())
    assert rows_of(url, "SELECT id, share FROM things") == [(1, 0.1)]


def test_a_table_made_for_something_else_is_refused(url: str) -> None:
    upsert(url, [thing(1)])
    other = Table("things", "", (*THINGS.fields[:-1], Field("colour", T.StringType(), "")), key=("id",))
    with pytest.raises(ConfigurationError, match=r"E-EXP-005 .* things: .*colour.*give another --table"):
        upsert(url, [], other)
    with pytest.raises(ConfigurationError, match=r"primary key .*give another --table"):
        upsert(url, [], Table("things", "", THINGS.fields, key=("text",)))
    assert rows_of(url, "SELECT count(*) FROM things") == [(1,)]


def test_a_key_that_stands_for_two_rows_changes_nothing(postgres: Server) -> None:
    with pytest.raises(ResourceMissingError, match=r"second time; the table is as before"):
        upsert(postgres.url(), [thing(1), thing(1, share=0.2)])
    with pytest.raises(InputRefusedError, match="E-EXP-006"):
        upsert(postgres.url(), [thing(1, text="\x00")])
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT to_regclass('things')").fetchone() == (None,)


def test_comments_are_in_the_database(postgres: Server, tmp_path: Path) -> None:
    upsert(postgres.url(), [thing(1)])
    with psycopg.connect(postgres.url()) as connection:
        found = connection.execute(
            "SELECT attname, col_description(attrelid, attnum), obj_description(attrelid) FROM pg_attribute "
            "WHERE attrelid = 'things'::regclass AND attnum > 0"
        ).fetchall()
        connection.execute("DROP TABLE things")
    assert found == [(field.name, field.comment, "Things") for field in THINGS.fields]
    upsert(f"sqlite:///{tmp_path}/c.db", [thing(1)])
    statement = rows_of(f"sqlite:///{tmp_path}/c.db", "SELECT sql FROM sqlite_master WHERE type = 'table'")[0][0]
    assert "/* it's  100 % \\ text */" in statement


BAD_URLS = ["mysql://h/d", "postgresql://u:pa/word@h/d", "postgresql://u:pa@word@h/d", "postgresql://u:p@h:word/d",
            "postgresql://u:word", "sqlite://word.db", "sqlite:///", "word"]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_url_that_is_not_one_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="E-EXP-001") as refused, connect(url):
        pass
    assert "word@" not in str(refused.value)
    assert "word " not in str(refused.value).replace("password", "")


@pytest.mark.parametrize("name", ["Prices", "a b", "a;drop table b", 'a"b', "", "a.b.c", "x" * 64, "é"])
def test_a_table_name_that_needs_quotes_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="E-EXP-004"):
        check_table_name(name)


def test_an_sqlite_file_that_cannot_be_opened_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ResourceMissingError, match="unable to open"):
        upsert(f"sqlite:///{tmp_path}/no/such.db", [])
