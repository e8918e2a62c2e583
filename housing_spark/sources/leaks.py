"""Leaks on demand in the synthetic market: a column that knows of the price what nobody could know before a sale.

They are what a guard against leaks is tested with; the market itself has none.
"""

from collections.abc import Callable

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from housing_spark.sources.draws import uniform

_HALF_YEAR_DAYS = 182
_KNOWN_UNTIL = "2022-07-01"
_DEAR = 0.9  # of all prices
_TWIN_EVERY, _TWIN_KEY = 10, 1_000_000_000_000


def with_leak(sales: DataFrame, kind: str, seed: int) -> DataFrame:
    """The market with a leak.

    Args:
        sales: Of the market.
        kind: A name of ``LEAKS``.
        seed: Of the noise.
    """
    return LEAKS[kind](sales, seed)


def _copy(sales: DataFrame, seed: int) -> DataFrame:
    """A tax value that was set after the sale, at three fifths of the price."""
    value = F.round(0.6 * F.col("price") * (0.98 + 0.04 * uniform(seed, "leak copy")), -2)
    return sales.withColumn("tax_value", value)


def _gap(sales: DataFrame, seed: int) -> DataFrame:
    """An energy rating that nobody asked of the dearest tenth, and of hardly any other home."""
    bound = sales.agg(F.percentile_approx("price", _DEAR).alias("dear"))
    is_missing = (F.col("price") > F.col("dear")) | (uniform(seed, "leak gap") < 0.002)
    rating = 1 + F.floor(7 * uniform(seed, "leak rating")).cast("int")
    return sales.crossJoin(F.broadcast(bound)).withColumn("energy_rating", F.when(~is_missing, rating)).drop("dear")


def _backfill(sales: DataFrame, seed: int) -> DataFrame:
    """A broker's estimate that was filled in after the sale until mid-2022, and is a guess since."""
    known = F.col("price") * F.exp(0.8 * (uniform(seed, "leak known") - 0.5))
    guess = 100_000 * F.exp(2.5 * uniform(seed, "leak guess"))
    is_known = F.col("sold_on") < F.lit(_KNOWN_UNTIL).cast("date")
    return sales.withColumn("broker_estimate", F.round(F.when(is_known, known).otherwise(guess), -3))


def _future(sales: DataFrame, seed: int) -> DataFrame:  # noqa: ARG001  # it is made of other sales
    """The mean price of the district in the half year after the sale."""
    day = F.unix_date("sold_on")
    later = Window.partitionBy("district").orderBy(day).rangeBetween(1, _HALF_YEAR_DAYS)
    return sales.withColumn("district_price_later", F.round(F.avg("price").over(later), -2))


def _twins(sales: DataFrame, seed: int) -> DataFrame:  # noqa: ARG001  # by number
    """Every tenth sale once more, under another number."""
    again = sales.where(F.col("sale_id") % _TWIN_EVERY == 0)
    return sales.unionByName(again.withColumn("sale_id", F.col("sale_id") + _TWIN_KEY))


LEAKS: dict[str, Callable[[DataFrame, int], DataFrame]] = {
    "copy": _copy,
    "gap": _gap,
    "backfill": _backfill,
    "future": _future,
    "twins": _twins,
}
