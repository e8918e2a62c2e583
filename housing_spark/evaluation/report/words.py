"""Figures in words: shares, amounts, bands of price, and how sure a share is."""

from math import floor, log10, sqrt

from housing_spark.evaluation.report.facts import Errors, Slice

SPACE = "\N{NO-BREAK SPACE}"
_Z95 = 1.96
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
    """A price on an axis: 250k, 1.2M."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def shortened(name: str) -> str:
    """A name that fits beside a picture."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def band_name(errors: Errors, band: Slice, currency: str = "") -> str:
    """From which to which predicted price a band goes."""
    low, high = errors.bounds[band.at], errors.bounds[band.at + 1]
    return f"{amount(low)} to {amount(high, currency)}"


def wilson(inside: int, rows: int, z: float = _Z95) -> tuple[float, float]:
    """The score interval of a share (Wilson, Journal of the American Statistical Association 22, 1927)."""
    share, slack = inside / rows, z * z / rows
    middle = (share + slack / 2) / (1 + slack)
    reach = z * sqrt(share * (1 - share) / rows + slack / (4 * rows)) / (1 + slack)
    return middle - reach, middle + reach
