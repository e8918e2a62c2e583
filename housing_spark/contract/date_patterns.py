"""Patterns of ``to_date`` and ``to_timestamp``: what Spark cannot read with is refused before it starts.

Letters and widths are those of https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html.
"""

import re

# Widths up to which a letter can be read; E, F, Q and q are there for writing only.
_WIDTHS = {
    "G": 4, "y": 6, "D": 3, "M": 4, "L": 4, "d": 2, "a": 1, "h": 2, "K": 2, "k": 2, "H": 2, "m": 2, "s": 2, "S": 9,
    "V": 2, "z": 4, "O": 4, "X": 5, "x": 5, "Z": 5,
}  # fmt: skip
_QUOTED = re.compile(r"'[^']*'")
_RUN = re.compile(r"([A-Za-z])\1*")


def pattern_problem(pattern: str) -> str | None:
    """What hinders Spark from reading texts with a pattern, in words; ``None``: nothing that can be seen from here."""
    bare = _QUOTED.sub("", pattern)
    if "'" in bare or bare.count("[") != bare.count("]"):
        return f"date pattern {pattern!r}: a quote or a bracket is open"
    for run in _RUN.finditer(bare):
        letter, width = run.group(1), len(run.group())
        if letter not in _WIDTHS:
            return f"date pattern {pattern!r}: '{letter}' cannot be read; known: {' '.join(_WIDTHS)} (yyyy is the year)"
        if width > _WIDTHS[letter]:
            return f"date pattern {pattern!r}: '{run.group()}' is too wide, at most {_WIDTHS[letter]} {letter}"
    return None
