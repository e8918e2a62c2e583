"""What the batch before looked like: the figures that a new batch is compared with."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.contract import Contract
from housing_spark.frequencies import frequent_values

QUARTILES = (0.25, 0.5, 0.75)
_ACCURACY = 10_000
_TOP_VALUES = 3


@dataclass(frozen=True)
class Reference:
    """Figures of a batch: rows that arrived; of its accepted rows, shares and quartiles.

    ``missing`` is the share of nulls by column, ``shares`` that of the most frequent values of each segment column,
    ``label_quartiles`` are in the label's currency and empty where no row had a label.
    """

    rows: int
    missing: dict[str, float]
    label_quartiles: tuple[float, ...]
    shares: dict[tuple[str, str], float]


def describe_batch(accepted: DataFrame, rows_in: int, contract: Contract) -> Reference | None:
    """The figures of a batch in two passes; ``None`` where it has no accepted rows.

    A few figures per column, and three values per segment column, come to the driver.

    Args:
        accepted: Accepted rows of the batch.
        rows_in: Rows of the batch that arrived.
        contract: Columns, label and segments.
    """
    optional = [name for name, column in contract.columns.items() if not column.required and name not in contract.key]
    quartiles = F.percentile_approx(F.col(contract.label).cast("double"), list(QUARTILES), _ACCURACY)
    missing = [F.avg(F.col(name).isNull().cast("double")).alias(f"missing_{name}") for name in optional]
    row = accepted.agg(F.count(F.lit(1)).alias("rows"), quartiles.alias("quartiles"), *missing).collect()[0]
    if not row["rows"]:
        return None
    shares = {key: count / row["rows"] for key, count in _top_values(accepted, contract).items()}
    return Reference(
        rows_in, {name: row[f"missing_{name}"] for name in optional}, tuple(row["quartiles"] or ()), shares
    )


def _top_values(accepted: DataFrame, contract: Contract) -> dict[tuple[str, str], int]:
    if not contract.segments:
        return {}
    top = frequent_values(accepted, contract.segments, _TOP_VALUES)
    return {(row["name"], row["value"]): row["count"] for row in top.collect()}
