"""What the batch before looked like: the figures that a new batch is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from housing_spark.contract import Contract
from housing_spark.frequencies import frequent_values

_QUARTILES = (0.25, 0.5, 0.75)
_TOP_VALUES = 3


@dataclass(frozen=True)
class Reference:
    """Figures of a batch: rows that arrived; of its accepted rows, shares.

    ``missing`` is the share of nulls by column, ``shares`` that of the most frequent values of each segment column,
    ``label_shares`` that of the labels up to each quartile, by quartile; empty where no row had a label.
    """

    rows: int
    missing: dict[str, float]
    label_shares: dict[float, float]
    shares: dict[tuple[str, str], float]

    def noted(self) -> dict[str, Any]:
        """As it is recorded, for the batch that comes next."""
        label_shares, shares = (list(found.items()) for found in (self.label_shares, self.shares))
        return {"rows": self.rows, "missing": self.missing, "label_shares": label_shares, "shares": shares}

    @staticmethod
    def of(record: Mapping[str, Any]) -> "Reference":
        """What was recorded."""
        shares = {(name, value): share for (name, value), share in record["shares"]}
        return Reference(record["rows"], record["missing"], dict(record["label_shares"]), shares)


def describe_batch(accepted: DataFrame, rows_in: int, contract: Contract) -> Reference | None:
    """The figures of a batch in three passes; ``None`` where it has no accepted rows.

    A few figures per column, and three values per segment column, come to the driver.

    Args:
        accepted: Accepted rows of the batch.
        rows_in: Rows of the batch that arrived.
        contract: Columns, label and segments.
    """
    optional = [name for name, column in contract.columns.items() if not column.required and name not in contract.key]
    label = F.col(contract.label).cast("double")
    quartiles = F.percentile_approx(label, list(_QUARTILES))
    missing = [F.avg(F.col(name).isNull().cast("double")).alias(f"missing_{name}") for name in optional]
    row = accepted.agg(F.count(F.lit(1)).alias("rows"), quartiles.alias("quartiles"), *missing).collect()[0]
    if not row["rows"]:
        return None
    shares = {key: count / row["rows"] for key, count in _top_values(accepted, contract).items()}
    label_shares = _shares_up_to(accepted, label, row["quartiles"] or ())
    return Reference(rows_in, {name: row[f"missing_{name}"] for name in optional}, label_shares, shares)


def _shares_up_to(accepted: DataFrame, label: Column, quartiles: Sequence[float]) -> dict[float, float]:
    """With tied labels, more than a quarter of them may lie at or below the first quartile."""
    if not quartiles:
        return {}
    shares = [F.avg((label <= quartile).cast("double")) for quartile in quartiles]
    return dict(zip(quartiles, accepted.agg(*shares).collect()[0], strict=True))


def _top_values(accepted: DataFrame, contract: Contract) -> dict[tuple[str, str], int]:
    if not contract.segments:
        return {}
    top = frequent_values(accepted, contract.segments, _TOP_VALUES)
    return {(row["name"], row["value"]): row["count"] for row in top.collect()}
