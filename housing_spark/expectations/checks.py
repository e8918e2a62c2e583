"""What is expected of a table's batch: one check per column, rule or figure, generated from the contract.

A check brings the expression that it looks at, so the frame that is validated holds nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pyspark.sql import Column
from pyspark.sql import functions as F

from housing_spark.contract import Contract
from housing_spark.expectations.reference import Reference
from housing_spark.schemas.sales import MISSING_CODES
from housing_spark.settings.quality import QualityGate

Kind = Literal["not_null", "between", "in_set", "mean", "min", "row_count"]
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Check:
    """One expectation: what it looks at, and what it demands.

    ``arguments`` are those of the expectation; ``mostly`` is the share of values that must satisfy it.
    """

    gate: str
    subject: str
    kind: Kind
    value: Column | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    mostly: float = 1.0


def sales_checks(contract: Contract, gates: Sequence[QualityGate], before: Reference | None) -> list[Check]:
    """What is expected of sales that arrived, fit or not.

    Args:
        contract: Columns, rules, label and segments.
        gates: The gates in force, each with its threshold.
        before: Figures of the batch before; ``None`` for a first batch, where nothing is compared.
    """
    makers = {
        "readable": _readable, "required": _required, "ranges": _ranges, "sets": _sets, "rules": _rules,
        "unique_keys": _unique_keys, "freshness": _freshness,
    }  # fmt: skip
    checks = [check for gate in gates if gate.name in makers for check in makers[gate.name](contract, gate.threshold)]
    if before is not None:
        compared = {
            "row_count": _row_count, "missing": _missing, "label_distribution": _label_distribution,
            "category_shares": _category_shares,
        }  # fmt: skip
        for gate in gates:
            if gate.name in compared:
                checks += compared[gate.name](contract, before, gate.threshold)
    return checks


def feature_checks(contract: Contract, gates: Sequence[QualityGate]) -> list[Check]:
    """What is expected of described sales: a derived feature is not empty."""
    return [
        Check(gate.name, name, "not_null", F.col(name), mostly=max(0.0, 1 - gate.threshold))
        for gate in gates
        if gate.name == "derived"
        for name in contract.features.derived
    ]


def prediction_checks(gates: Sequence[QualityGate]) -> list[Check]:
    """What is expected of prices: every row has one, and it is positive and inside its range."""
    price, low, high = F.col("prediction"), F.col("prediction_lower"), F.col("prediction_upper")
    checks = {
        "priced": ("prediction", price.isNotNull() & low.isNotNull() & high.isNotNull()),
        "plausible": ("prediction", (price > 0) & (low <= price) & (price <= high)),
    }
    return [
        Check(
            gate.name, checks[gate.name][0], "in_set", checks[gate.name][1], {"value_set": [True]}, 1 - gate.threshold
        )
        for gate in gates
        if gate.name in checks
    ]


def _readable(_: Contract, threshold: float) -> Iterator[Check]:
    is_unread = F.exists("reasons", lambda reason: reason["rule"].isNull() & ~reason["code"].isin(*MISSING_CODES))
    yield Check("readable", "row", "in_set", ~is_unread, {"value_set": [True]}, 1 - threshold)


def _required(contract: Contract, threshold: float) -> Iterator[Check]:
    for name, column in contract.columns.items():
        if column.required or name in contract.key:
            yield Check("required", name, "not_null", F.col(name), mostly=1 - threshold)


def _ranges(contract: Contract, threshold: float) -> Iterator[Check]:
    for name, column in contract.columns.items():
        if column.min is not None or column.max is not None:
            ends = {"min_value": column.min, "max_value": column.max}
            yield Check("ranges", name, "between", F.col(name).cast("double"), ends, 1 - threshold)


def _sets(contract: Contract, threshold: float) -> Iterator[Check]:
    for name, column in contract.columns.items():
        if column.allowed is not None:
            yield Check("sets", name, "in_set", F.col(name), {"value_set": list(column.allowed)}, 1 - threshold)


def _rules(contract: Contract, threshold: float) -> Iterator[Check]:
    for name in contract.rules:
        is_kept = ~F.array_contains(F.filter("reasons.rule", F.isnotnull), name)
        yield Check("rules", name, "in_set", is_kept, {"value_set": [True]}, 1 - threshold)


def _unique_keys(_: Contract, threshold: float) -> Iterator[Check]:
    is_alone = F.col("row_key").isNull() | F.col("copies").isNull() | (F.col("copies") == 1)
    yield Check("unique_keys", "row_key", "in_set", is_alone, {"value_set": [True]}, 1 - threshold)


def _freshness(contract: Contract, threshold: float) -> Iterator[Check]:
    if contract.event_time:
        age = (F.unix_timestamp() - F.unix_timestamp("event_time")) / _SECONDS_A_DAY
        yield Check("freshness", "event_time", "min", age, {"max_value": threshold})


def _row_count(_: Contract, before: Reference, threshold: float) -> Iterator[Check]:
    ends = {"min_value": int(before.rows * (1 - threshold)), "max_value": int(before.rows / (1 - threshold)) + 1}
    yield Check("row_count", "rows", "row_count", None, ends)


def _missing(_: Contract, before: Reference, threshold: float) -> Iterator[Check]:
    for name, share in before.missing.items():
        yield Check("missing", name, "not_null", F.col(name), mostly=max(0.0, 1 - share - threshold))


def _label_distribution(contract: Contract, before: Reference, threshold: float) -> Iterator[Check]:
    label = F.col(contract.label).cast("double")
    for quantile, share in before.label_shares.items():
        is_below = F.when(label.isNotNull(), (label <= quantile).cast("double"))
        ends = {"min_value": share - threshold, "max_value": share + threshold}
        yield Check("label_distribution", f"{contract.label} <= {quantile:,.0f}", "mean", is_below, ends)


def _category_shares(_: Contract, before: Reference, threshold: float) -> Iterator[Check]:
    for (name, value), share in before.shares.items():
        is_value = F.coalesce((F.col(name).cast("string") == value).cast("double"), F.lit(0.0))
        ends = {"min_value": share - threshold, "max_value": share + threshold}
        yield Check("category_shares", f"{name} = {value}", "mean", is_value, ends)
