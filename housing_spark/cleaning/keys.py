"""Keys that do not depend on engine, order or format: hashes of canonical JSON."""

from collections.abc import Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F

_HEX_DIGITS = 32


def hash_expr(columns: Iterable[str]) -> Column:
    """The first 32 hex digits of the SHA-256 of the columns as a JSON object of texts, names sorted, nulls kept."""
    texts = (F.col(name).cast("string").alias(name) for name in sorted(columns))
    canonical = F.to_json(F.struct(*texts), {"ignoreNullFields": "false"})
    return F.substring(F.sha2(canonical, 256), 1, _HEX_DIGITS)
