"""What an upsert did, and what it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass

from housing_spark.errors import ConfigurationError


@dataclass(frozen=True)
class Loaded:
    """How many rows were new, changed, or there already."""

    inserted: int
    updated: int
    unchanged: int


def check_columns(
    name: str, found: Mapping[str, str], expected: Mapping[str, str], keys: tuple[object, object]
) -> None:
    """Refuse a table that was made for something else.

    Args:
        name: The target, as it is shown.
        found: Its columns and their types.
        expected: The columns and types of what is exported.
        keys: Its primary key, and the one expected.

    Raises:
        ConfigurationError: They differ.
    """
    missing = [f"{column} {kind}" for column, kind in expected.items() if found.get(column) != kind]
    surplus = [f"{column} {kind}" for column, kind in found.items() if expected.get(column) != kind]
    if missing or surplus:
        raise ConfigurationError(
            "E-EXP-005", f"{name}: has other columns; expected {missing}, found {surplus}; give another --table"
        )
    if keys[0] != keys[1]:
        raise ConfigurationError(
            "E-EXP-005", f"{name}: has the primary key {keys[0]}, expected {keys[1]}; give another --table"
        )
