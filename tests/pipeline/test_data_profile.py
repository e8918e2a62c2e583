"""The profile of a finished run, and of one that has nothing to measure."""

from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import functions as F

from housing_spark import operations
from housing_spark.contract import load_contract
from housing_spark.errors import InputRefusedError
from housing_spark.tables import Run


def test_the_market_has_a_profile(market_copy: Any) -> None:
    run, reports = market_copy
    surveyed = operations.profile(run)
    assert surveyed.page.is_file()
    assert surveyed.rows == reports["clean"].rows_out
    assert surveyed.parts["expected"] == 1.0
    run.warehouse.read("raw").limit(5).withColumn("batch_id", F.lit("000002-waits")).write.format("delta").mode(
        "append"
    ).save(run.warehouse.path("raw"))
    again = operations.profile(run)
    assert again == surveyed


def test_nothing_cleaned_is_nothing_to_measure(make_run: Callable[..., Run]) -> None:
    with pytest.raises(InputRefusedError, match=r"E-DQ-005 market: nothing was cleaned .*run 'housing clean' first"):
        operations.profile(make_run(load_contract("market")))
