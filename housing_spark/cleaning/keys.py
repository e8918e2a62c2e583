"""Keys that do not depend on engine, order or format: hashes of canonical JSON."""

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F

from housing_spark.contract import Contract

_HEX_DIGITS = 32
MARK, COPIES = "key_mark", "copies"


def hash_expr(columns: Iterable[str]) -> Column:
    """The first 32 hex digits of the SHA-256 of the columns as a JSON object of texts, names sorted, nulls kept."""
    texts = (F.col(name).cast("string").alias(name) for name in sorted(columns))
    canonical = F.to_json(F.struct(*texts), {"ignoreNullFields": "false"})
    return F.substring(F.sha2(canonical, 256), 1, _HEX_DIGITS)


def key_columns(contract: Contract) -> tuple[str, ...]:
    """The columns that name a sale: the contract's key, or all but the label where it has none."""
    return tuple(contract.key or contract.label_free_columns)


def mark_expr(contract: Contract) -> Column:
    """A number that rows of one key share, cheap to compute; by chance others may share it too."""
    return F.xxhash64(*key_columns(contract))
