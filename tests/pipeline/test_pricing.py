"""Rows of a later batch are priced at the cost of the batch."""

from typing import Any

from housing_spark import judging
from housing_spark.registering import registry_of

NO_BROADCAST = "spark.sql.autoBroadcastJoinThreshold"


def test_the_parts_of_few_rows_are_found_without_a_shuffle_of_what_the_model_was_made_with(market: Any) -> None:
    run = market[0]
    registry = registry_of(run)
    model = registry.load(registry.newest_version())
    rows = run.warehouse.read("features").where("pmod(xxhash64(row_key), 50) = 0")
    run.spark.conf.set(NO_BROADCAST, "-1")  # as if the table were too large for it
    try:
        few, many = (judging.with_part(run, rows, model, are_few=are_few) for are_few in (True, False))
        plan = few._jdf.queryExecution().executedPlan().toString()
        found = [dict(frame.select("row_key", "split").collect()) for frame in (few, many)]
    finally:
        run.spark.conf.unset(NO_BROADCAST)
    assert "BroadcastHashJoin [row_key" in plan
    assert "LeftSemi, BuildRight" in plan
    assert found[0] == found[1]
    assert len(set(found[0].values())) >= 4
