"""Blocks of the map, for a test on places that no training row is near to.

Prices of neighbours are alike, so a row of a random test part is priced by its neighbours among the training rows; a
model for a new neighbourhood has none. Blocked cross-validation: Roberts et al., Cross-validation strategies for data
with temporal, spatial, hierarchical, or phylogenetic structure, Ecography 40, 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from housing_spark.hashing import first_by_hash, hash_share

Edges = tuple[float, ...]
_MOST_ROWS = 50_000  # enough to cut a hundred blocks of equal size
_TEST = "test"


@dataclass(frozen=True)
class Blocks:
    """A map cut into strips of equally many rows, and each strip into blocks of equally many.

    Attributes:
        place: The two columns of the place; strips are cut along the first.
        strips: Inner edges of the strips, ascending.
        blocks: For each strip the inner edges of its blocks, ascending.
    """

    place: Sequence[str]
    strips: Edges
    blocks: tuple[Edges, ...]

    def column(self) -> Column:
        """The number of a row's block; null where its place is not known."""
        along, across = (F.col(name).cast("double") for name in self.place)
        strip = _passed(F.array(*map(_number, self.strips)), along)
        edges = F.element_at(F.array(*(F.array(*map(_number, one)) for one in self.blocks)), strip + 1)
        number = strip * len(self.blocks[0] + (0.0,)) + _passed(edges, across)
        return F.when(along.isNotNull() & across.isNotNull(), number)


def learn_blocks(rows: DataFrame, place: Sequence[str], count: int) -> Blocks:
    """About so many blocks, from at most 50,000 rows: those whose key has the smallest hash.

    Args:
        rows: Rows with ``row_key`` and the place.
        place: Its two columns.
        count: Blocks.
    """
    known = rows.where(F.col(place[0]).isNotNull() & F.col(place[1]).isNotNull())
    few = first_by_hash(known, _MOST_ROWS, salt="blocks")
    table = few.select(*(F.col(name).cast("double") for name in place)).toArrow()
    return blocks_of(np.column_stack([table[name].to_numpy() for name in place]), place, count)


def blocks_of(at: NDArray[np.float64], place: Sequence[str], count: int) -> Blocks:
    """The blocks of rows at these places, shape (rows, 2)."""
    strips = max(round(sqrt(count)), 1)
    inner = np.arange(1, strips) / strips
    edges = np.quantile(at[:, 0], inner)
    strip = (at[:, :1] > edges).sum(axis=1)
    shares = np.arange(1, each) / each if (each := ceil(count / strips)) > 1 else np.empty(0)
    blocks = (np.quantile(own if len(own := at[strip == one, 1]) else at[:, 1], shares) for one in range(strips))
    return Blocks(place, tuple(edges.tolist()), tuple(tuple(one.tolist()) for one in blocks))


def with_block_split(rows: DataFrame, blocks: Blocks, shares: dict[str, float], salt: str) -> DataFrame:
    """Rows with their ``split``: whole blocks are test rows, the others go to the other parts by hash of their group.

    Args:
        rows: Rows with ``group_key`` and the place.
        blocks: Cuts the map.
        shares: Of all parts; blocks are taken in order of a hash until test rows are as near to their share as can be.
        salt: Of all hashes.

    Returns:
        Rows of a group that has a test row, and are none, have a null ``split``: as with times, they play no part.
    """
    numbered = rows.withColumn("block", blocks.column())
    chosen = test_blocks(numbered, shares[_TEST], salt)
    is_test = F.coalesce(F.col("block").isin(chosen), F.lit(False))
    is_group_in_test = F.max(is_test).over(Window.partitionBy("group_key"))
    others = {name: share for name, share in shares.items() if name != _TEST}
    total, part = sum(others.values()), F.lit(next(reversed(others)))
    share = hash_share("group_key", salt=salt)
    bounds = zip(others, accumulate(others.values()), strict=True)
    for name, bound in reversed(list(bounds)[:-1]):
        part = F.when(share < bound / total, name).otherwise(part)
    return numbered.withColumn("split", F.when(is_test, _TEST).when(~is_group_in_test, part))


def test_blocks(numbered: DataFrame, share: float, salt: str) -> list[int]:
    """The blocks of the test part, at least one; as many rows come to the driver as there are blocks."""
    counted = numbered.groupBy("block").count().withColumn("order", hash_share("block", salt=salt))
    found = [(row["block"], row["count"]) for row in counted.orderBy("order", "block").collect()]
    known = [pair for pair in found if pair[0] is not None]
    return [number for number, _ in known[: _nearest([rows for _, rows in known], share * sum(n for _, n in found))]]


def _nearest(counts: Sequence[int], wanted: float) -> int:
    """How many of these, the first ones, sum up to what is nearest to the wanted; one at least, and not all."""
    sums = list(accumulate(counts))
    return 1 + min(range(max(len(sums) - 1, 1)), key=lambda place: abs(sums[place] - wanted))


def _passed(edges: Column, value: Column) -> Column:
    """How many of the edges lie below."""
    return F.size(F.filter(edges, lambda edge: edge < value))


def _number(value: float) -> Column:
    return F.lit(float(value))
