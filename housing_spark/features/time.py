"""The family ``time``: the market's level, which prices are divided by, and the trend and season as features.

Trees know no price beyond those of the years that they saw. So they learn prices at one level of the market, and the
level itself goes on; see ``docs/decisions/0017-families-of-features.md``.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.features.grown import LEVEL, Grown
from housing_spark.features.level import Sold, fit_level
from housing_spark.features.transformers import sql_number, sql_stage

YEARS, SIN, COS, MONTH = "time__years", "time__season_sin", "time__season_cos", "time__month"
_DAYS_A_YEAR, _SECONDS_A_YEAR = 365.25, 365.25 * 86_400
_MOST_ROWS = 50_000
_LEAST_YEARS = 1.0  # within one, a trend cannot be told from the season
_SPAN = 1 << 40


@dataclass(frozen=True)
class _Times:
    first: float
    end: float
    are_prices_positive: bool
    share: float


def grow(grown: Grown) -> None:
    """Add the level and the features where sales have a time and lie more than a year apart."""
    if not grown.inputs.is_timed:
        return
    times = _times_of(grown.frame)
    if times is None or times.end < _LEAST_YEARS:
        return
    grown.add(sql_stage(_terms(times)), [YEARS, SIN, COS, MONTH])
    if grown.settings.price_level and times.are_prices_positive:
        level = fit_level(_sold(grown, times.share), times.end)
        grown.add(sql_stage([(LEVEL, level.sql(YEARS))]))


def _times_of(frame: DataFrame) -> _Times | None:
    seconds = F.unix_micros(F.col("event_time").cast("timestamp")) / F.lit(1e6)
    first, last, lowest, count = frame.agg(F.min(seconds), F.max(seconds), F.min("label"), F.count(F.lit(1))).collect()[
        0
    ]
    if first is None:
        return None
    return _Times(first, (last - first) / _SECONDS_A_YEAR, lowest > 0, min(1.0, _MOST_ROWS / count))


def _terms(times: _Times) -> list[tuple[str, str]]:
    """Names and SQL; a home without a time is priced at the end of training."""
    when = "CAST(`event_time` AS TIMESTAMP)"
    end = sql_number(times.end)
    since = f"(UNIX_MICROS({when}) / 1e6D - {sql_number(times.first)}) / {sql_number(_SECONDS_A_YEAR)}"
    turn = f"DAYOFYEAR({when}) * {sql_number(2 * pi / _DAYS_A_YEAR)}"
    return [
        (YEARS, f"COALESCE({since}, {end})"),
        (SIN, f"COALESCE(SIN({turn}), 0D)"),
        (COS, f"COALESCE(COS({turn}), 0D)"),
        (MONTH, f"COALESCE(CAST(MONTH({when}) AS DOUBLE), 0D)"),
    ]


def _sold(grown: Grown, share: float) -> Sold:
    """Training sales in order of a hash of their keys, a sample by it where they are many."""
    key = F.xxhash64(F.lit("level"), "row_key")
    numbers = [name for name in grown.numbers if name not in (YEARS, SIN, COS, MONTH)]
    rows = grown.frame.where(F.pmod(key, F.lit(_SPAN)) < share * _SPAN)
    columns = [F.col(name).cast("double").alias(name) for name in (YEARS, SIN, COS, *numbers, *grown.categories)]
    table = rows.select(key.alias("key"), F.ln(F.col("label").cast("double")).alias("log"), *columns).toArrow()
    table = table.sort_by("key").combine_chunks()
    season = _columns(table, [SIN, COS])
    return Sold(
        table["log"].to_numpy(), table[YEARS].to_numpy(), season, _columns(table, numbers),
        _columns(table, grown.categories),
    )  # fmt: skip


def _columns(table: pa.Table, names: list[str]) -> np.ndarray:
    return np.column_stack([np.empty((len(table), 0)), *(table[name].to_numpy() for name in names)])
