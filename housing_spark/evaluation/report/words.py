"""What a report says of bands of price, and how sure a share is."""

from math import sqrt

from housing_spark.evaluation.report.facts import Errors, Slice
from housing_spark.pages.words import amount

_Z95 = 1.96


def band_name(errors: Errors, band: Slice, currency: str = "") -> str:
    """From which to which predicted price a band goes."""
    low, high = errors.bounds[band.at], errors.bounds[band.at + 1]
    return f"{amount(low)} to {amount(high, currency)}"


def wilson(inside: float, rows: int, z: float = _Z95) -> tuple[float, float]:
    """The score interval of a share (Wilson, Journal of the American Statistical Association 22, 1927)."""
    share, slack = inside / rows, z * z / rows
    middle = (share + slack / 2) / (1 + slack)
    reach = z * sqrt(share * (1 - share) / rows + slack / (4 * rows)) / (1 + slack)
    return middle - reach, middle + reach
