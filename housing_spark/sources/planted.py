"""A synthetic market as it is asked for: how many sales, from which seed, and what is wrong with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame, SparkSession

from housing_spark.errors import ConfigurationError
from housing_spark.sources.dirt import with_dirt
from housing_spark.sources.leaks import with_leak
from housing_spark.sources.market import market_sales

FORMATS = ("csv", "json", "parquet", "delta")
_EVERY = "all"


@dataclass(frozen=True)
class Planted:
    """What to make.

    Attributes:
        rows: Sales, before duplicates and twins.
        seed: Another seed is another market.
        leaks: Names of ``LEAKS``.
        dirt: Names of ``DIRT``.
        dirt_share: Of the rows, for each kind of dirt.
        drift_from: The first day of another market: larger homes, lower prices; ``None``: it stays as it is.
    """

    rows: int
    seed: int = 7
    leaks: tuple[str, ...] = ()
    dirt: tuple[str, ...] = ()
    dirt_share: float = 0.01
    drift_from: date | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            ConfigurationError: Fewer than one row, or a share that is none.
        """
        if self.rows < 1:
            raise ConfigurationError("E-CLI-004", f"--rows {self.rows}: expected 1 or more")
        if not 0 < self.dirt_share < 1:
            raise ConfigurationError("E-CLI-004", f"--dirt-share {self.dirt_share:g}: expected between 0 and 1")


def kinds_of(option: str, asked: str | None, known: Collection[str]) -> tuple[str, ...]:
    """The names in a list with commas, or all of them, in the order in which they are known.

    Raises:
        ConfigurationError: A name is not known.
    """
    names = [] if asked is None else [name.strip() for name in asked.split(",")]
    unknown = [name for name in names if name not in (*known, _EVERY)]
    if unknown:
        raise ConfigurationError("E-CLI-011", f"{option} {unknown[0]}: expected one of {', '.join((*known, _EVERY))}")
    return tuple(name for name in known if name in names or _EVERY in names)


def planted_market(spark: SparkSession, planted: Planted) -> DataFrame:
    """The market with what is planted in it; leaks know the clean prices."""
    sales = market_sales(spark, rows=planted.rows, seed=planted.seed, drift_from=planted.drift_from)
    for leak in planted.leaks:
        sales = with_leak(sales, leak, planted.seed)
    return with_dirt(sales, planted.dirt, planted.dirt_share, planted.seed) if planted.dirt else sales
