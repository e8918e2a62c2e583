"""What is expected of every batch: suites from the contract, run by Great Expectations, judged by gates."""

from housing_spark.expectations.expect import expect_features, expect_predictions, expect_sales
from housing_spark.expectations.gates import GateResult, check_gates
from housing_spark.expectations.reference import Reference, describe_batch
from housing_spark.expectations.validate import load_library

__all__ = [
    "GateResult", "Reference", "check_gates", "describe_batch", "expect_features", "expect_predictions", "expect_sales",
    "load_library",
]  # fmt: skip
