"""Comparable sales: training sales near a home, in which the model sees the same reasons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import types as T

from housing_spark.earth import EARTH_KM
from housing_spark.explanation.explain import BASE, CONTRIBUTIONS
from housing_spark.explanation.trees import Numbers

Whole = NDArray[np.int64]
COMPARABLES = "comparable_sales"
COMPARABLE = T.StructType(
    [T.StructField("key", T.StringType()), T.StructField("price", T.DoubleType()),
     T.StructField("distance", T.DoubleType()), T.StructField("sold_at", T.TimestampType())]
)  # fmt: skip
# What is known of a home, beside what explains its price; no column of a contract starts with an underscore.
ABOUT = ("_first", "_second", "_time", "_group", "_key", "_sold_for")
_CHUNK = 256
_KM_PER_DEGREE = EARTH_KM * np.pi / 180
_NOW = 2**63 - 1
_MICROS = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Nearness:
    """What makes sales comparable.

    Attributes:
        count: How many are named.
        reach: Distance that counts as much as reasons that differ by a tenth of the base price.
        is_flat: Whether places are on a grid, rather than in degrees, latitude first.
    """

    count: int
    reach: float
    is_flat: bool


@dataclass(frozen=True)
class Homes:
    """What is compared; arrays of shape (rows, ...).

    Attributes:
        keys: By which a person knows them.
        prices: Paid; NaN where unknown.
        places: On the ground; NaN where unknown; shape (rows, 2).
        reasons: Contributions over the base price, shape (rows, sources).
        times: Microseconds; the largest number where a home has none.
        groups: Rows of one group are never compared.
    """

    keys: NDArray[np.object_]
    prices: Numbers
    places: Numbers
    reasons: Numbers
    times: Whole
    groups: Whole

    @classmethod
    def of(cls, table: pa.Table) -> "Homes":
        """Homes of explained rows."""
        first, second, sold_for, base = (table[name].to_numpy() for name in ("_first", "_second", "_sold_for", BASE))
        reasons = table[CONTRIBUTIONS].combine_chunks().flatten().to_numpy().reshape(len(base), -1)
        times, groups = (table[name].fill_null(_NOW).to_numpy() for name in ("_time", "_group"))
        keys = np.array(table["_key"].to_pylist(), object)
        return cls(keys, sold_for, np.column_stack([first, second]), reasons / base[:, None], times, groups)


def with_comparables(rows: DataFrame, sales: Homes, nearness: Nearness) -> DataFrame:
    """Explained rows with ``comparable_sales``, the most alike first; only sales before a home's own time.

    Args:
        rows: From ``explained_rows``, with the columns ``ABOUT``.
        sales: Of training rows, explained by the same model; every task holds them all.
        nearness: What makes them comparable.
    """
    kept = [field for field in rows.schema.fields if field.name not in ABOUT]
    schema = T.StructType([*kept, T.StructField(COMPARABLES, T.ArrayType(COMPARABLE))])

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                named = _named(Homes.of(pa.Table.from_batches([batch])), sales, nearness)
                columns = [*(batch[field.name] for field in kept), named]
                yield pa.RecordBatch.from_arrays(columns, [field.name for field in schema.fields])

    # What lies nearest among thousands in dozens of dimensions is no expression of Spark's.
    return rows.mapInArrow(work, schema)


def _named(homes: Homes, sales: Homes, nearness: Nearness) -> pa.Array:
    """The comparable sales of each home."""
    places, ends, distances = [], [0], []
    for row in range(len(homes.keys)):
        found, away = nearest_sales(homes, row, sales, nearness)
        places.append(found)
        distances.append(away)
        ends.append(ends[-1] + len(found))
    chosen = np.concatenate(places)
    times = sales.times[chosen]
    sold = pa.array(times, pa.int64(), mask=times == _NOW).cast(_MICROS)
    away = np.concatenate(distances)
    parts = [pa.array(sales.keys[chosen].tolist(), pa.string()), pa.array(sales.prices[chosen]),
             pa.array(away, mask=np.isnan(away)), sold]  # fmt: skip
    listed = pa.StructArray.from_arrays(parts, COMPARABLE.names)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), listed)


def nearest_sales(homes: Homes, row: int, sales: Homes, nearness: Nearness) -> tuple[NDArray[np.intp], Numbers]:
    """The sales most like one home, the most alike first, and how far away they are.

    Ties go to the sale that comes first among ``sales``.
    """
    away = _distances(homes.places[row], sales.places, is_flat=nearness.is_flat)
    apart = ((sales.reasons - homes.reasons[row]) ** 2).sum(axis=1)
    apart += (np.nan_to_num(away) * (0.1 / nearness.reach)) ** 2
    is_seen = (sales.groups != homes.groups[row]) & (sales.keys != homes.keys[row])
    if homes.times[row] != _NOW:
        is_seen &= sales.times < homes.times[row]
    seen = np.flatnonzero(is_seen)
    count = min(nearness.count, len(seen))
    if not count:
        return seen, away[seen]
    bound = np.partition(apart[seen], count - 1)[count - 1]
    close = seen[apart[seen] <= bound]
    chosen = close[np.argsort(apart[close], kind="stable")][:count]
    return chosen, away[chosen]


def _distances(place: Numbers, places: Numbers, *, is_flat: bool) -> Numbers:
    """In the grid's unit, or in kilometres, as on a map of the home's surroundings."""
    steps = places - place
    if not is_flat:
        steps = steps * _KM_PER_DEGREE * np.array([1.0, np.cos(np.radians(place[0]))])
    found: Numbers = np.hypot(steps[:, 0], steps[:, 1])
    return found
