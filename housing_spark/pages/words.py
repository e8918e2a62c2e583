"""Figures in words: shares, amounts, and names that fit beside a picture."""

from math import floor, log10

SPACE = "\N{NO-BREAK SPACE}"
_LONGEST = 26


def percent(share: float, digits: int = 1) -> str:
    """A share as text: 9.4 %."""
    return f"{share * 100:.{digits}f}{SPACE}%"


def amount(value: float, currency: str = "") -> str:
    """A price, to three significant digits."""
    digits = 2 - floor(log10(abs(value))) if value else 0
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    return f"{text}{SPACE}{currency}" if currency else text


def short_percent(share: float, _place: object = None) -> str:
    """A share on an axis: 10%, 12.5%."""
    return f"{100 * share:.3g}%"


def short_amount(value: float, _place: object = None) -> str:
    """A figure on an axis: 1995, 250k, 1.2M."""
    for unit, size, least in (("M", 1e6, 1e6), ("k", 1e3, 1e4)):
        if abs(value) >= least:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def shortened(name: str) -> str:
    """A name that fits beside a picture."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
