"""A batch in, the result of every gate out."""

from pyspark.sql import DataFrame

from housing_spark.contract import Contract
from housing_spark.expectations.checks import feature_checks, prediction_checks, sales_checks
from housing_spark.expectations.gates import GateResult, judge_gates
from housing_spark.expectations.reference import Reference
from housing_spark.expectations.validate import validate
from housing_spark.settings.quality import Quality


def expect_sales(batch: DataFrame, contract: Contract, settings: Quality, before: Reference | None) -> list[GateResult]:
    """The gates of sales that arrived, fit or not.

    Args:
        batch: Parsed sales with ``reasons``.
        contract: Columns, rules, label and segments.
        settings: The gates of the clean table.
        before: The batch before; ``None`` for a first batch, which is compared with nothing.
    """
    return judge_gates(settings.gates, validate(batch, sales_checks(contract, settings.gates, before)))


def expect_features(described: DataFrame, contract: Contract, settings: Quality) -> list[GateResult]:
    """The gates of described sales."""
    return judge_gates(settings.gates, validate(described, feature_checks(contract, settings.gates)))


def expect_predictions(priced: DataFrame, settings: Quality) -> list[GateResult]:
    """The gates of prices with their ranges."""
    return judge_gates(settings.gates, validate(priced, prediction_checks(settings.gates)))
