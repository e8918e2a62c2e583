"""What the feature vector says of its places: which are categories, which are constrained, whose family they are."""

from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import DataFrame


def categories_of(rows: DataFrame, vector: str) -> dict[int, int]:
    """Number of categories of each categorical place of a feature vector."""
    described = _attributes(rows, vector).get("attrs", {}).get("nominal", [])
    return {one["idx"]: one.get("num_vals") or len(one["vals"]) for one in described}


def signs_of(rows: DataFrame, vector: str, monotone: Mapping[str, int]) -> tuple[int, ...]:
    """For each place of a feature vector 1 (prices rise), -1 (they fall) or 0; empty where no feature is constrained.

    Args:
        rows: Prepared rows.
        vector: Name of the feature vector.
        monotone: Signs by the name that the vector gives a feature; a feature that was not selected has no place.
    """
    described = _attributes(rows, vector)
    places = [one for kind in described.get("attrs", {}).values() for one in kind]
    signs = {one["idx"]: monotone[one["name"]] for one in places if one.get("name") in monotone}
    return tuple(signs.get(place, 0) for place in range(described["num_attrs"])) if signs else ()


def places_of(rows: DataFrame, vector: str, family_of: Callable[[str], str | None]) -> dict[str, tuple[int, ...]]:
    """The places of each family of features in a feature vector; ``family_of`` knows it by a feature's name there."""
    found: dict[str, tuple[int, ...]] = {}
    for kind in _attributes(rows, vector).get("attrs", {}).values():
        for one in kind:
            if family := family_of(one.get("name", "")):
                found[family] = (*found.get(family, ()), one["idx"])
    return found


def _attributes(rows: DataFrame, vector: str) -> dict[str, Any]:
    described: dict[str, Any] = rows.schema[vector].metadata.get("ml_attr", {})
    return described
