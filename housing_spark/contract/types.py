"""The column types of a contract, and what each can hold."""

import re

SCALAR_TYPES = ("string", "int", "bigint", "float", "double", "boolean", "date", "timestamp")
NUMERIC_TYPES = frozenset({"int", "bigint", "float", "double", "decimal"})
_DECIMAL = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")


def check_type(name: str) -> str:
    """The type in its canonical spelling.

    Raises:
        ValueError: Not a type of the contract.
    """
    spelling = re.sub(r"\s+", "", name.lower())
    decimal = _DECIMAL.fullmatch(spelling)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        if not (1 <= precision <= 38 and scale <= precision):
            raise ValueError(f"decimal({precision},{scale}): precision is 1 to 38, scale at most the precision")
    elif spelling not in SCALAR_TYPES:
        raise ValueError(f"unknown type '{name}'; known: {', '.join(SCALAR_TYPES)}, decimal(p,s)")
    return spelling


def base_type(name: str) -> str:
    """The type without its precision: ``decimal`` for ``decimal(10,2)``."""
    return name.split("(", maxsplit=1)[0]


def kind_of(name: str) -> str:
    """Number, text, date or boolean."""
    base = base_type(name)
    if base in NUMERIC_TYPES:
        return "number"
    return {"string": "text", "boolean": "boolean"}.get(base, "date")
