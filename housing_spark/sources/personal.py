"""Personal values go no further than this: they are dropped, or replaced by their HMAC under a key (RFC 2104).

The key is known by the name of the environment variable that holds it on the driver. It travels in the function that
executors run, so that no plan, page or log of Spark shows it.
"""

import hashlib
import hmac
from collections.abc import Mapping

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.contract import Contract
from housing_spark.errors import ConfigurationError
from housing_spark.schemas.sales import CORRUPT_RECORD

_LEAST_BYTES = 16
_WITHHELD = "withheld: the contract has personal columns"


def without_personal(rows: DataFrame, contract: Contract, variable: str, environment: Mapping[str, str]) -> DataFrame:
    """Rows without what the contract calls personal; of a row that could not be read nothing is kept.

    Args:
        rows: The contract's columns as text, and the corrupt record.
        contract: Columns and their ``pii``, and the texts that mean "missing", which stay.
        variable: Name of the environment variable that holds the key.
        environment: Where it is looked up.

    Raises:
        ConfigurationError: A column is to be hashed and there is no key, or it is short.
    """
    personal = {name: column.pii for name, column in contract.columns.items() if column.pii}
    if not personal:
        return rows
    key = _key(variable, environment) if "hash" in personal.values() else b""
    missing, is_corrupt = frozenset(("", *contract.source.null_values)), F.col(CORRUPT_RECORD).isNotNull()
    shown = {name: F.col(name) for name in contract.columns}
    for name, treatment in personal.items():
        shown[name] = _hashed(name, key, missing) if treatment == "hash" else F.lit(None).cast("string")
    kept = {name: F.when(~is_corrupt, column) for name, column in shown.items()}
    return rows.withColumns(kept | {CORRUPT_RECORD: F.when(is_corrupt, F.lit(_WITHHELD))})


def _key(variable: str, environment: Mapping[str, str]) -> bytes:
    key = environment.get(variable, "").encode()
    if len(key) < _LEAST_BYTES:
        raise ConfigurationError(
            "E-CFG-019", f"the contract hashes personal columns, and the environment variable {variable} holds no key "
            f"of {_LEAST_BYTES} bytes or more; set it, always to the same (ingest.pii_key names it)"
        )  # fmt: skip
    return key


def _hashed(name: str, key: bytes, missing: frozenset[str]) -> Column:
    """The HMAC-SHA256 of a column, salted with its name: the same value in two columns cannot be matched."""

    def of(value: str | None) -> str | None:
        said = (value or "").strip()
        if not said or said in missing:
            return value
        return hmac.new(key, f"{name}\0{said}".encode(), hashlib.sha256).hexdigest()

    def hashed(values: pa.Array) -> pa.Array:
        return pa.array(map(of, values.to_pylist()), pa.string())

    found: Column = arrow_udf(hashed, "string")(name)  # type: ignore[call-overload]  # the stub lacks what Spark reads
    return found
