"""Neighbours where training sales are too many for one memory: they and the rows that ask meet block by block.

A block is a cell of the ground and what lies in the halo around it. A first pass finds the rows whose neighbours may
lie beyond, and fetches what these need from the other blocks; a second one answers every row in its own block.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import ceil, log2

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.features.neighbours.block_work import (
    BITS,
    CODE,
    COLUMNS,
    NUMBERS,
    WHOLES,
    answers,
    ask_codes,
    far_asking,
    reference_codes,
    wanted_far,
)  # fmt: skip
from housing_spark.features.neighbours.cells import Blocks, grow_blocks, grow_cells
from housing_spark.features.neighbours.columns import asked
from housing_spark.features.neighbours.facts import Facts

_HALO_SHARE = 2.0  # rows of a halo over rows of a block: with 1, a tenth of the rows of a dense market look beyond
_ORDER_DEPTH = 12
_SCHEMA = "_code bigint, _numbers array<double>, _wholes array<bigint>"


def learn_blocks(sample: pa.Table, facts: Facts, count: int, block_rows: int) -> Blocks:
    """Blocks that hold, with their halos, about so many reference rows at most.

    Args:
        sample: A share of the reference rows that their keys' hashes choose.
        facts: What is looked for.
        count: Of all reference rows.
        block_rows: As many as one memory has room for.
    """
    coordinates, features = (
        np.column_stack([np.empty((len(sample), 0)), *(sample[name].to_numpy() for name in names)])
        for names in (facts.location, facts.features)
    )
    ground = facts.near.positions(coordinates, features)
    order = grow_cells(facts.mixed.positions(coordinates, facts.alike_of(features)), _ORDER_DEPTH)
    depth = max(1, ceil(log2((1 + _HALO_SHARE) * count / block_rows)))
    return grow_blocks(ground, depth, _HALO_SHARE, order)


def with_answers(dataset: DataFrame, facts: Facts, reference: DataFrame, name: str) -> DataFrame:
    """Rows with a list of what neighbours say of them, moved to the block they lie in; nothing runs yet.

    Args:
        dataset: Rows that ask. They are read twice.
        facts: What is looked for, and the blocks.
        reference: The reference rows.
        name: Of the column that is added.
    """
    blocks = facts.blocks
    assert blocks is not None  # noqa: S101  # the stage asks before
    asking = dataset.withColumns(dict(zip((NUMBERS, WHOLES), _asked_lists(dataset, facts), strict=True)))
    asking = asking.withColumn(CODE, _codes("bigint", partial(ask_codes, facts, blocks)))
    homes, halos = (_with_codes(reference, facts, blocks, has_halo=has_halo) for has_halo in (False, True))
    far = _mapped(asking.select(*COLUMNS).unionByName(halos), blocks, partial(far_asking, facts, blocks))
    wanted = _mapped(far.unionByName(homes), blocks, partial(wanted_far, facts))
    everything = asking.unionByName(halos.unionByName(wanted), allowMissingColumns=True)
    found = arrow_udf(_answerer(facts), "array<double>")  # type: ignore[call-overload]  # as in the stage
    # Or the optimizer would take reference rows away before they are seen, and the order that they come in.
    told = _by_block(everything, blocks).withColumn(name, found.asNondeterministic()(*COLUMNS))
    return told.where(F.col(name).isNotNull()).drop(*COLUMNS)


def _answerer(facts: Facts) -> Callable[[Iterator[tuple[pa.Array, ...]]], Iterator[pa.Array]]:
    def answer(arrived: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        return answers(facts, arrived)

    return answer


def _asked_lists(dataset: DataFrame, facts: Facts) -> tuple[Column, Column]:
    """What a row tells of itself, laid out as reference rows are, which have a price and a key too."""
    numbers, group, content, when = asked(dataset, facts)
    price = F.array(F.lit(None).cast("double"))
    return F.concat(price, numbers), F.array(F.lit(0).cast("bigint"), group, content, when)


def _with_codes(reference: DataFrame, facts: Facts, blocks: Blocks, *, has_halo: bool) -> DataFrame:
    """Reference rows once for each block that holds them."""
    lists = [F.array(*names).alias(name) for name, names in zip((NUMBERS, WHOLES), facts.layout, strict=True)]
    codes = _codes("array<bigint>", partial(reference_codes, facts, blocks, has_halo=has_halo))
    return reference.select(*lists).select(F.explode(codes).alias(CODE), NUMBERS, WHOLES)


def _codes(kind: str, code: Callable[[pa.Array], pa.Array]) -> Column:
    def codes(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        return map(code, batches)

    found: Column = arrow_udf(codes, kind)(NUMBERS)  # type: ignore[call-overload]  # as in the stage
    return found


def _by_block(rows: DataFrame, blocks: Blocks) -> DataFrame:
    """A partition for each block, its reference rows first."""
    block = F.shiftright(CODE, BITS).cast("int")
    return rows.repartitionById(len(blocks), block).sortWithinPartitions(CODE)


def _mapped(
    rows: DataFrame, blocks: Blocks, work: Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]
) -> DataFrame:
    return _by_block(rows.select(*COLUMNS), blocks).mapInArrow(work, _SCHEMA)
