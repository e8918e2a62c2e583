"""Which database an export goes to, and what every kind of database promises."""

import importlib.util
import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol
from urllib.parse import urlsplit

from housing_spark.errors import ConfigurationError, ResourceMissingError
from housing_spark.schemas import Table
from housing_spark.serving.sqlite import Sqlite
from housing_spark.serving.upsert import Loaded

_TABLE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?")
_EXPECTED = "expected postgresql://user@host:port/database or sqlite:///file.db"

_PASSWORDS = "in a password, percent-encode @ : / ? #, or leave it to PGPASSWORD or ~/.pgpass"


class Database(Protocol):
    """A connected database.

    ``upsert`` is one transaction: rows are inserted, or replace the row of their key where they differ; whatever
    stops it leaves the database as it was. Its memory does not grow with the rows.
    """

    @property
    def label(self) -> str:
        """Where it is, without credentials."""

    def upsert(self, table: Table, rows: Iterable[Sequence[Any]]) -> Loaded:
        """Write rows by key."""


def check_table_name(name: str) -> None:
    """Refuse a name that would need quotes.

    Raises:
        ConfigurationError: Not lower-case letters, digits and underscores, with at most one schema in front.
    """
    if not _TABLE_NAME.fullmatch(name):
        raise ConfigurationError(
            "E-EXP-004", f"--table {name}: expected lower-case letters, digits and _, as table or schema.table"
        )


def connect(url: str) -> AbstractContextManager[Database]:
    """Connect to a database; credentials in the URL are never repeated in a message.

    Raises:
        ConfigurationError: Not a URL of a known kind.
        ResourceMissingError: The client package is missing, or the database cannot be reached.
    """
    scheme, separator, _ = url.partition("://")
    if scheme == "sqlite" and url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return Sqlite.connect(url.removeprefix("sqlite:///"))
    if scheme not in ("postgresql", "postgres") or not _is_unambiguous(url):
        given = scheme if separator and scheme.isalpha() else "no"
        raise ConfigurationError("E-EXP-001", f"--to ({given} scheme): {_EXPECTED}; {_PASSWORDS}")
    if importlib.util.find_spec("psycopg") is None:
        raise ResourceMissingError("E-EXP-002", "--to postgresql: pip install 'housing-spark[postgres]' first")
    from housing_spark.serving.postgres import Postgres  # noqa: PLC0415  # an optional dependency

    return Postgres.connect(url)


def _is_unambiguous(url: str) -> bool:
    """Whether no part of a password could be taken for the host, which messages name."""
    try:
        parts = urlsplit(url)
        return url.count("@") == parts.netloc.count("@") <= 1 and (parts.port or 0) >= 0
    except ValueError:
        return False
