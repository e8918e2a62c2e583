"""What a Python worker does with the rows of a block: takes its reference rows, then tells of those that ask.

Rows arrive in the order of a code: the block's number, and below it 0 for a reference row, more for one that asks. So
a worker holds the reference rows of one block, and rows that ask only pass through.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from housing_spark.features.neighbours.cells import Blocks
from housing_spark.features.neighbours.columns import as_lists
from housing_spark.features.neighbours.facts import KEY, TIME, Facts
from housing_spark.features.neighbours.lookup import Lookup
from housing_spark.features.neighbours.nearest import Numbers, Whole
from housing_spark.features.neighbours.reference import Rows

CODE, NUMBERS, WHOLES = COLUMNS = ("_code", "_numbers", "_wholes")
BITS = 20  # of a code that say what is asked; at most so many blocks
_LARGEST = (1 << BITS) - 1
# A bound of how far a row must look: found in half the time, and seldom a tenth too far.
_SLACK = 1.0


@dataclass(frozen=True)
class Batch:
    """Rows of one block, all of them reference rows or all of them asking.

    Attributes:
        codes: Shape (rows,).
        numbers: Price (of a reference row), coordinates and features, shape (rows, numbers).
        wholes: Key (of a reference row), group, content and time, shape (rows, wholes).
    """

    codes: Whole
    numbers: Numbers
    wholes: Whole

    @property
    def block(self) -> int:
        """The block's number."""
        return int(self.codes[0]) >> BITS

    @property
    def asked(self) -> Rows:
        """The rows that ask."""
        _, coordinates, features = _split(self.numbers)
        return Rows(coordinates, features, self.wholes[:, 1:3], self.wholes[:, 3])


@dataclass
class Holder:
    """The reference rows of the block at hand.

    Attributes:
        facts: What is looked for.
        slack: Of the lookup.
    """

    facts: Facts
    slack: float = 0.0
    _block: int = -1
    _held: list[Batch] = field(default_factory=list)
    _lookup: Lookup | None = None

    def asking(self, codes: pa.Array, numbers: pa.Array, wholes: pa.Array) -> Iterator[tuple[Batch, Lookup]]:
        """Those of the rows that ask, with what they ask; reference rows are kept."""
        for batch in _batches(codes, numbers, wholes):
            if batch.block != self._block:
                self._block, self._held, self._lookup = batch.block, [], None
            if batch.codes[0] & _LARGEST:
                yield batch, self.lookup
            else:
                self._held.append(batch)

    @property
    def lookup(self) -> Lookup:
        """The reference rows that came before the first row that asks, each once."""
        if self._lookup is None:
            self._lookup = Lookup(self.facts, reference_table(self.facts, self._held), self.slack)
            self._held = []
        return self._lookup


def reference_table(facts: Facts, held: list[Batch]) -> pa.Table:
    """Reference rows in the order of time and key, each once, column by column."""
    names, wholes = facts.layout
    whole = {name: _joined(held, "wholes", place) for place, name in enumerate(wholes)}
    order = np.lexsort((whole[KEY], whole[TIME]))
    keys = whole[KEY][order]
    once = order[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]  # rows that are wanted from afar come repeatedly
    numbers = {name: _joined(held, "numbers", place)[once] for place, name in enumerate(names)}
    return pa.table(numbers | {name: values[once] for name, values in whole.items()})


def ask_codes(facts: Facts, blocks: Blocks, numbers: pa.Array) -> pa.Array:
    """Codes of rows that ask, those that lie close one after another; rows without a place in any block."""
    _, coordinates, features = _split(_matrix(numbers, np.float64))
    ground = facts.near.positions(coordinates, features)
    is_placed = ~np.isnan(ground[:, 0])
    home = np.where(is_placed, blocks.cells.of(ground), np.arange(len(ground)) % len(blocks))
    order = blocks.order.of(facts.mixed.positions(coordinates, facts.alike_of(features)))
    return pa.array((home << BITS) + 1 + np.where(is_placed, order, 0))


def reference_codes(facts: Facts, blocks: Blocks, numbers: pa.Array, *, has_halo: bool) -> pa.Array:
    """Codes of reference rows: a list for each, of its block, and of those that have it in their halo."""
    _, coordinates, features = _split(_matrix(numbers, np.float64))
    ground = facts.near.positions(coordinates, features)
    if not has_halo:
        return as_lists((blocks.cells.of(ground) << BITS)[:, None])
    held = blocks.holding(ground)
    ends = np.append(0, np.cumsum(held.sum(axis=1))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(np.nonzero(held)[1] << BITS))


def answers(facts: Facts, arrived: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
    """What neighbours say of rows that ask, a list for each; null for reference rows."""
    holder = Holder(facts)
    for columns in arrived:
        said = [lookup.describe(asking.asked) for asking, lookup in holder.asking(*columns)]
        values = np.concatenate([np.empty((0, len(facts.names))), *said])
        is_asking = (columns[0].to_numpy() & _LARGEST) > 0
        ends = np.append(0, np.cumsum(is_asking * len(facts.names))).astype(np.int32)
        yield pa.ListArray.from_arrays(pa.array(ends), pa.array(values.ravel()), mask=pa.array(~is_asking))


def far_asking(facts: Facts, blocks: Blocks, arrived: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    """Rows whose neighbours may lie beyond what their block holds: one for each other block, with how far they look.

    Its code says the other block and, below it, the row's own.
    """
    holder = Holder(facts, _SLACK)
    for batch in arrived:
        for asking, lookup in holder.asking(*batch.columns):
            ground = facts.near.positions(asking.asked.coordinates, asking.asked.features)
            placed = np.flatnonzero(~np.isnan(ground[:, 0]))
            reach = facts.at_least(lookup.reach(asking.asked.of(placed)))
            is_far = reach > blocks.seen_from(ground[placed], asking.block)
            rows, reach = placed[is_far], reach[is_far]
            is_other = blocks.distances(ground[rows]) <= reach[:, None]
            is_other[:, asking.block] = False
            place, other = np.nonzero(is_other)
            codes = (other << BITS) + 1 + asking.block
            numbers = np.column_stack([asking.numbers[rows[place]], reach[place]])
            yield _batch_of(codes, numbers, asking.wholes[rows[place]])


def wanted_far(facts: Facts, arrived: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    """The reference rows that rows of other blocks need, with the code of a reference row in those."""
    holder = Holder(facts)
    for batch in arrived:
        for asking, lookup in holder.asking(*batch.columns):
            rows = Batch(asking.codes, asking.numbers[:, :-1], asking.wholes).asked
            row, place = lookup.within(rows, asking.numbers[:, -1])
            home = (asking.codes[row] & _LARGEST) - 1
            homes, places = np.unique(np.column_stack([home, place]), axis=0).T
            yield _batch_of(homes << BITS, *(lookup.rows_at(places, names) for names in facts.layout))


def _split(numbers: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Price, coordinates and features."""
    return numbers[:, 0], numbers[:, 1:3], numbers[:, 3:]


def _matrix(lists: pa.Array, kind: type) -> Any:
    values = lists.flatten().to_numpy(zero_copy_only=False).astype(kind, copy=False)
    return values.reshape(len(lists), -1)


def _batches(codes: pa.Array, numbers: pa.Array, wholes: pa.Array) -> Iterator[Batch]:
    """Neighbouring rows of the same block and kind."""
    code = codes.to_numpy()
    kinds = 2 * (code >> BITS) + ((code & _LARGEST) > 0)
    ends = [*(np.flatnonzero(np.diff(kinds)) + 1), len(code)]
    for first, end in zip([0, *ends[:-1]], ends, strict=True):
        if end > first:
            some = slice(first, end)
            yield Batch(code[some], _matrix(numbers[some], np.float64), _matrix(wholes[some], np.int64))


def _joined(held: list[Batch], what: str, place: int) -> Any:
    kind = np.float64 if what == "numbers" else np.int64
    return np.concatenate([np.empty(0, kind), *(getattr(batch, what)[:, place] for batch in held)])


def _batch_of(codes: Whole, numbers: Numbers, wholes: Whole) -> pa.RecordBatch:
    columns = [pa.array(codes.astype(np.int64)), as_lists(numbers), as_lists(wholes)]
    return pa.RecordBatch.from_arrays(columns, names=list(COLUMNS))
