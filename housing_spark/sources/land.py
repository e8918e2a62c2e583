"""What land is worth in the synthetic market: a smooth field over each city, and streets that are worth a little more.

The field is a sum of plane waves. Its short waves are too many for a table of places, yet every home shares them with
its neighbours: a model that looks at sales nearby sees them, one that splits on coordinates hardly does.
"""

from functools import reduce
from hashlib import sha256
from math import cos, pi, sin, sqrt

from pyspark.sql import Column
from pyspark.sql import functions as F

from housing_spark.sources.draws import uniform

_WAVES = (
    # how many, standard deviation of the logarithm of the price, shortest and longest wave in kilometres
    (8, 0.06, 2.0, 3.0),
    (16, 0.12, 0.8, 1.2),
)
_STREET_KM, _STREET_SD = 0.15, 0.02


def land_value(seed: int) -> Column:
    """What a place adds to the logarithm of the price; of ``city_number``, ``east_km`` and ``north_km``."""
    waves = [
        _wave(seed, f"{length}-{number}", deviation * sqrt(2 / count), shortest, longest)
        for length, (count, deviation, shortest, longest) in enumerate(_WAVES)
        for number in range(count)
    ]
    return reduce(Column.__add__, waves) + _street(seed)


def _wave(seed: int, name: str, height: float, shortest: float, longest: float) -> Column:
    """A plane wave with a direction, a length and, in every city, another phase."""
    direction, length, phase, turn = (
        _draw(seed, f"{name}-{what}") for what in ("direction", "length", "phase", "turn")
    )
    slope = 2 * pi / (shortest + (longest - shortest) * length)
    along = F.col("east_km") * (slope * cos(pi * direction)) + F.col("north_km") * (slope * sin(pi * direction))
    return height * F.cos(along + 2 * pi * phase + F.col("city_number") * (2 * pi * turn))


def _street(seed: int) -> Column:
    """Homes of one small square share what their street is worth."""
    square = [F.floor(F.col(name) / _STREET_KM) for name in ("east_km", "north_km")]
    return (uniform(seed, "street", F.col("city_number"), *square) - 0.5) * (sqrt(12) * _STREET_SD)


def _draw(seed: int, name: str) -> float:
    """A number in [0, 1) that depends on the seed and the name alone."""
    return int.from_bytes(sha256(f"{seed} {name}".encode()).digest()[:6], "big") / (1 << 48)
