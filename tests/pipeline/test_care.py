"""Looking after tables: predictions made again, and versions kept."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from housing_spark import maintaining, operations, pinning, pipeline
from housing_spark.errors import InputRefusedError
from housing_spark.schemas.sales import raw_table
from housing_spark.tables import Run
from housing_spark.tables.files import current_files
from tests.pipeline.conftest import again
from tests.pipeline.folders import failed, folder, forget_crc

DELETED = re.compile(r'("deletionTimestamp":)(\d+)')


def test_predictions_are_made_again_after_a_batch_and_maintenance(market_copy: Any) -> None:
    run, _ = market_copy
    first = run.warehouse.version("features")
    more = run.spark.read.csv(run.input, header=True).limit(200).withColumn("sale_id", F.expr("sale_id + 1000000"))
    more.coalesce(1).write.csv(str(folder(run).parent / "more"), header=True)
    batch = again(run, "more", input=str(folder(run).parent / "more"))
    for stage in (pipeline.ingest, pipeline.clean, pipeline.describe, pipeline.score):
        assert stage(batch).status == "done"
    assert pipeline.score(batch).status == "already applied"
    kept = again(run, "keep")
    assert pinning.pinned_versions(kept)["features"] == {first, run.warehouse.version("features")}
    maintaining.maintain(kept)
    assert [pipeline.describe(again(run, "after")).status, pipeline.score(again(run, "after")).status] == [
        "already applied"
    ] * 2
    made = operations.reproduce(again(run, "again"), None, 500, is_deep=False)
    assert sum(one.predictions for one in made) == 500
    assert len(made) == 2
    assert {(one.differing, one.largest_difference, one.is_described_again) for one in made} == {(0, 0.0, True)}
    assert failed(again(run, "verify")) == {}


def test_a_model_trained_again_makes_the_same_prices(market: Any) -> None:
    [made] = operations.reproduce(again(market[0], "deep"), None, 100, is_deep=True)
    assert made.is_retrained
    assert made.largest_difference <= 1e-9


def test_one_prediction_is_made_again_by_its_name(market: Any) -> None:
    run = again(market[0], "one")
    name = run.warehouse.read("predictions").select("prediction_id").first()[0]
    [made] = operations.reproduce(run, name, 1, is_deep=False)
    assert (made.predictions, made.differing) == (1, 0)
    with pytest.raises(InputRefusedError, match="E-REPRO-001 prediction nobody"):
        operations.reproduce(run, "nobody", 1, is_deep=False)


def test_a_prediction_that_was_changed_is_found_out(market_copy: Any) -> None:
    run, _ = market_copy
    run.spark.sql(f"UPDATE delta.`{run.warehouse.path('predictions')}` SET prediction = prediction * 1.001")
    [made] = operations.reproduce(again(run, "again"), None, 20, is_deep=False)
    assert made.differing == 20
    assert made.largest_difference == pytest.approx(0.001, rel=0.01)


def test_the_next_batch_is_cleaned_after_maintenance_that_no_model_saw(market_copy: Any) -> None:
    run, _ = market_copy
    more = run.spark.read.csv(run.input, header=True).limit(400).withColumn("sale_id", F.expr("sale_id + 1000000"))
    first, second = (str(folder(run).parent / name) for name in ("first", "second"))
    more.where("sale_id % 2 = 0").coalesce(1).write.csv(first, header=True)
    more.where("sale_id % 2 = 1").coalesce(1).write.csv(second, header=True)
    batch = again(run, "first", input=first)
    for stage in (pipeline.ingest, pipeline.clean, pipeline.describe):
        stage(batch)
    maintaining.maintain(again(run, "compacted"))
    for table in ("clean", "quarantine", "features"):
        age(run, table)
    maintaining.maintain(again(run, "vacuumed"))
    later = again(run, "second", input=second)
    assert [stage(later).status for stage in (pipeline.ingest, pipeline.clean, pipeline.describe)] == ["done"] * 3
    assert failed(again(run, "verify")) == {}


def test_a_table_that_models_name_keeps_its_whole_log(market: Any) -> None:
    run, _ = market
    for table, is_kept in (("features", True), ("clean", True), ("job_runs", False)):
        shown = run.spark.sql(f"SHOW TBLPROPERTIES delta.`{run.warehouse.path(table)}`").collect()
        properties = {row["key"]: row["value"] for row in shown}
        assert (properties.get("delta.enableExpiredLogCleanup") == "false") is is_kept, table


def test_files_of_raw_have_bounds_of_what_it_is_searched_by(market: Any) -> None:
    run, _ = market
    first = Path(run.warehouse.path("raw"), "_delta_log", f"{0:020d}.json").read_text()
    added = [entry["add"] for entry in map(json.loads, first.splitlines()) if "add" in entry]
    assert added
    bounds = {frozenset(json.loads(one["stats"])["minValues"]) for one in added}
    assert bounds == {frozenset(raw_table(run.contract).searched)}


def test_a_range_that_ends_at_nought_is_made_again(market_copy: Any) -> None:
    run, _ = market_copy
    run.spark.sql(f"UPDATE delta.`{run.warehouse.path('predictions')}` SET prediction_lower = 0")
    [made] = operations.reproduce(again(run, "again"), None, 5, is_deep=False)
    assert made.differing == 5


def test_maintenance_deletes_what_nothing_names_and_keeps_what_a_model_learned_from(market_copy: Any) -> None:
    run, _ = market_copy
    pinned = set(current_files(run.warehouse, "features"))
    pipeline.describe(again(run, "full", is_full=True))
    unnamed = set(current_files(run.warehouse, "features"))
    pipeline.describe(again(run, "full again", is_full=True))
    age(run, "features")
    maintaining.maintain(again(run, "keep"))
    left = {f"features/{file.name}" for file in (folder(run) / "features").glob("*.parquet")}
    assert pinned <= left
    assert not unnamed & left


def age(run: Run, table: str) -> None:
    """Files and commits as they would look weeks later."""
    month = 30 * 24 * 3600
    for file in (folder(run) / table).glob("*.parquet"):
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime - month))
    for commit in (folder(run) / table / "_delta_log").glob("*.json"):
        text = commit.read_text()
        commit.write_text(DELETED.sub(lambda found: f"{found[1]}{int(found[2]) - month * 1000}", text))
        forget_crc(commit)
    run.spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
