"""Random numbers of the synthetic market: each a hash of the seed, a name, and what it belongs to."""

from pyspark.sql import Column
from pyspark.sql import functions as F

_SPAN = 1 << 30


def uniform(seed: int, name: str, *of: Column) -> Column:
    """A number in (0, 1) that depends on the seed, the name and what it belongs to, by default the sale, alone."""
    bits = F.xxhash64(F.lit(seed), F.lit(name), *(of or (F.col("sale_id"),)))
    return (F.pmod(bits, F.lit(_SPAN)) + F.lit(0.5)) / F.lit(float(_SPAN))
