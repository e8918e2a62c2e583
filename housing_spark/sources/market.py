"""A synthetic market whose true prices are known.

Every row is a pure function of (seed, row number), so the rows do not depend on the partition count. Each random
number is a hash of the seed, the row number and the name of what is drawn. Homes lie all over a city, whose districts
are sectors; land has its own value at every place (``land.py``), and every city its own growth.
"""

from datetime import date
from math import log, pi

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.sources.draws import uniform
from housing_spark.sources.land import land_value

NOISE = 0.10
"""Standard deviation of the noise on the logarithm of the price."""

_CITIES = (
    # name, latitude, longitude, EUR per square metre, kilometres to the coast, growth a year, years until it slows
    ("Aldmouth", 43.3, 5.4, 4200, 2, 0.045, 3.0),
    ("Brackwell", 48.8, 2.3, 7800, 180, 0.030, 2.5),
    ("Corvane", 45.7, 4.8, 4600, 300, 0.040, 4.0),
    ("Dunmere", 51.9, 4.5, 3900, 15, 0.050, 3.5),
    ("Estermoor", 53.5, 10.0, 5100, 90, 0.025, 2.0),
    ("Farrowby", 47.2, -1.5, 3300, 50, 0.035, 3.0),
    ("Glenholt", 50.1, 8.7, 5600, 400, 0.030, 3.5),
    ("Harrowick", 44.8, -0.6, 3600, 55, 0.040, 2.5),
)
_DISTRICTS = 12
_FIRST_DAY, _DAYS = "2018-01-01", 2190
_SLOWER = 0.5  # of the growth, once it slows
_SEASON, _DEAREST = 0.02, 0.35  # of the price; of the year: early May
_LARGER, _LOWER = 0.2, 0.1  # where the market drifts
_RADIUS_KM, _KM_A_DEGREE = 5.0, 111.32


def market_sales(spark: SparkSession, *, rows: int, seed: int, drift_from: date | None = None) -> DataFrame:
    """Sales of the synthetic market, with ``true_price``: the price without noise, EUR.

    Args:
        spark: The session.
        rows: How many.
        seed: Another seed is another market.
        drift_from: From this day on homes are larger by a fifth, and prices lower by a tenth; ``None``: never.
    """
    numbered = spark.range(rows).withColumnRenamed("id", "sale_id")
    drawn = numbered.select("sale_id", *(uniform(seed, name).alias(name) for name in _DRAWS))
    is_other = F.lit(False) if drift_from is None else F.col("sold_on") >= F.lit(drift_from)
    placed = drawn.transform(_with_place).withColumn("is_other", is_other)
    return placed.transform(_with_dwelling).transform(_with_price, seed=seed).select(*_COLUMNS)


_DRAWS = (
    "u_city", "u_district", "u_day", "u_dwelling", "u_area", "u_area2", "u_built", "u_condition", "u_lot", "u_rooms",
    "u_radius", "u_noise", "u_noise2", "u_missing",
)  # fmt: skip
_COLUMNS = (
    "sale_id", "sold_on", "price", "city", "district", "dwelling", "latitude", "longitude", "living_area_m2",
    "lot_area_m2", "rooms", "built", "condition", "km_to_coast", "school_score", "true_price",
)  # fmt: skip


def _normal(first: str, second: str) -> Column:
    """A standard normal number from two uniform ones (Box and Muller, Ann. Math. Stat. 29, 1958)."""
    return F.sqrt(-2 * F.ln(first)) * F.cos(2 * pi * F.col(second))


def _of_city(position: int) -> Column:
    values = F.array(*(F.lit(city[position]) for city in _CITIES))
    return F.element_at(values, F.col("city_number") + 1)


def _with_place(sales: DataFrame) -> DataFrame:
    numbered = sales.withColumns(
        {
            "city_number": F.floor(F.col("u_city") * F.col("u_city") * len(_CITIES)).cast("int"),
            "district_number": F.floor(F.col("u_district") * _DISTRICTS).cast("int"),
        }
    )
    angle, radius = 2 * pi * F.col("u_district"), _RADIUS_KM * F.pow("u_radius", F.lit(0.55))  # denser at the centre
    located = numbered.withColumns({"east_km": radius * F.cos(angle), "north_km": radius * F.sin(angle)})
    km_a_degree_east = _KM_A_DEGREE * F.cos(F.radians(_of_city(1)))
    sector = F.col("district_number") * (2 * pi / _DISTRICTS)
    district = F.lpad((F.col("district_number") + 1).cast("string"), 2, "0")
    return located.withColumns(
        {
            "city": _of_city(0),
            "district": F.concat(_of_city(0), F.lit("-"), district),
            "latitude": F.round(_of_city(1) + F.col("north_km") / _KM_A_DEGREE, 6),
            "longitude": F.round(_of_city(2) + F.col("east_km") / km_a_degree_east, 6),
            "km_to_coast": F.round(F.greatest(F.lit(0.1), _of_city(4) + F.col("east_km")), 2),
            "school_score": F.round(5 + 4 * F.sin(sector * 2 + F.col("city_number")), 1),
            "sold_on": F.date_add(F.lit(_FIRST_DAY).cast("date"), F.floor(F.col("u_day") * _DAYS).cast("int")),
        }
    )


def _with_dwelling(sales: DataFrame) -> DataFrame:
    kind = F.when(F.col("u_dwelling") < 0.5, "apartment").when(F.col("u_dwelling") < 0.8, "terraced")
    typed = sales.withColumn("dwelling", kind.otherwise("detached"))
    is_flat = F.col("dwelling") == "apartment"
    typical = F.when(is_flat, 70.0).when(F.col("dwelling") == "terraced", 110.0).otherwise(150.0)
    larger = F.when(F.col("is_other"), 1 + _LARGER).otherwise(1.0)
    area = F.round(typical * larger * F.exp(0.3 * _normal("u_area", "u_area2")), 0)
    rooms = F.greatest(F.lit(1), F.round(area / (22 + 10 * F.col("u_rooms")), 0).cast("int"))
    lot = F.when(~is_flat, F.round(area * (1.5 + 4 * F.col("u_lot")), 0))
    built = 1900 + F.floor(F.col("u_built") * (F.year("sold_on") - 1900)).cast("int")
    return typed.withColumns(
        {
            "living_area_m2": area,
            "rooms": F.when(F.col("u_missing") > 0.03, rooms),
            "lot_area_m2": lot,
            "built": built,
            "condition": (1 + F.floor(F.col("u_condition") * 5)).cast("int"),
        }
    )


def _with_price(sales: DataFrame, seed: int) -> DataFrame:
    log_price = _log_price() + land_value(seed)
    noisy = log_price + NOISE * _normal("u_noise", "u_noise2")
    return sales.withColumns({"price": F.round(F.exp(noisy), -2), "true_price": F.round(F.exp(log_price), 0)})


def _log_price() -> Column:
    centre = F.hypot("east_km", "north_km")
    age = F.year("sold_on") - F.col("built")
    return (
        F.ln(_of_city(3).cast("double"))
        + 0.9 * F.ln("living_area_m2")
        + 0.1 * log(80)
        + 0.05 * (F.col("school_score") - 5)
        + 0.06 * (F.col("condition") - 3)
        - 0.08 * F.log1p(F.col("km_to_coast") / 50)
        - 0.15 * F.sin(pi * F.least(age / 100, F.lit(1.0)))
        + 0.1 * F.log1p(F.coalesce("lot_area_m2", F.lit(0.0)) / 200) * F.exp(-centre / 4)  # land is scarce there
        - 0.02 * centre
        + _level()
        + F.when(F.col("is_other"), log(1 - _LOWER)).otherwise(0.0)
    )


def _level() -> Column:
    """The logarithm of the price level of a city on the day of the sale."""
    years = F.datediff("sold_on", F.lit(_FIRST_DAY).cast("date")) / 365.25
    later = F.greatest(years - _of_city(6), F.lit(0.0))
    return _of_city(5) * (years - (1 - _SLOWER) * later) + _SEASON * F.cos(2 * pi * (years - _DEAREST))
