"""What the guard looks for, and what it found."""

from dataclasses import dataclass

CHECKS = {
    "strength": "one feature alone explains the order of prices",
    "missing": "whether a value is missing tells dear homes from cheap ones",
    "shift": "a feature tells prices of training rows that it does not tell of test rows",
    "future": "a feature tells later prices nearby better than earlier ones",
    "twins": "rows that judge a model are training rows, too",
}


@dataclass(frozen=True)
class Finding:
    """One suspicion.

    Attributes:
        check: A name of ``CHECKS``.
        column: The feature; ``rows`` where it is about rows.
        value: What was measured.
        bound: What it may be at most.
    """

    check: str
    column: str
    value: float
    bound: float

    def __str__(self) -> str:
        """In words."""
        return f"{self.column}: {CHECKS[self.check]} ({self.value:.3f}, at most {self.bound:g})"
