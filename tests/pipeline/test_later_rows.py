"""A later batch is added without a search through what is there, where the records say that none can find anything."""

import csv
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from housing_spark import scoring
from housing_spark.schemas.models import JOB_RUNS
from housing_spark.tables import Job, Run
from tests.conftest import run_stages
from tests.pipeline.conftest import again

STAGES = ("ingest", "clean", "features", "score")


def later(run: Run, folder: Path, name: str, **changes: str) -> Run:
    """A run on three sales of the first batch under other numbers, or changed as told."""
    rows = list(csv.DictReader(next(Path(str(run.input)).glob("part-*.csv")).open()))[:3]
    for number, row in enumerate(rows):
        row.update({"sale_id": f"{name}{number}"} | changes)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return again(run, name, input=str(folder / f"{name}.csv"))


def commit(run: Run, table: str) -> str:
    return str(run.warehouse.history(table, 1)[0]["operation"])


def counts(run: Run) -> dict[str, int]:
    keys = {"features": ["row_key"], "predictions": ["row_key", "content_hash"]}
    tables = {table: run.warehouse.read(table) for table in keys}
    assert all(tables[table].select(*key).distinct().count() == tables[table].count() for table, key in keys.items())
    return {table: frame.count() for table, frame in tables.items()}


def no_search(*_: Any, **__: Any) -> None:
    raise AssertionError("predictions are searched")


def test_new_homes_are_added_and_priced_without_a_search(
    market_copy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, before = market_copy[0], counts(market_copy[0])
    monkeypatch.setattr(scoring, "unpriced_rows", no_search)
    for number, name in enumerate(("7000", "8000"), start=1):
        reports = run_stages(later(run, tmp_path, name), *STAGES)
        assert [reports[stage].rows_out for stage in STAGES] == [3, 3, 3, 3]
        assert commit(run, "features") == "WRITE"
        assert counts(run) == {table: rows + 3 * number for table, rows in before.items()}


def test_a_home_that_gave_way_to_another_row_is_searched_for(market_copy: Any, tmp_path: Path) -> None:
    run, before = market_copy[0], counts(market_copy[0])
    run_stages(later(run, tmp_path, "7000"), *STAGES)
    changed = run_stages(later(run, tmp_path, "7001", sale_id="70000", price="250000"), *STAGES)
    assert (changed["clean"].rows_out, changed["features"].rows_out, changed["score"].rows_out) == (0, 1, 1)
    assert commit(run, "features") == "MERGE"
    run_stages(later(run, tmp_path, "8000"), *STAGES)
    assert commit(run, "features") == "WRITE"
    assert counts(run) == {"features": before["features"] + 6, "predictions": before["predictions"] + 7}


def test_rows_that_a_killed_job_priced_are_not_priced_again_with_those_of_the_next_batch(
    market_copy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, before = market_copy[0], counts(market_copy[0])
    run_stages(later(run, tmp_path, "7000"), *STAGES[:-1])
    with monkeypatch.context() as crash:
        crash.setattr(Job, "_record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run_stages(again(run, "killed"), "score")
    recorded = run.warehouse.read(JOB_RUNS.name).where((F.col("job") == "score") & (F.col("run_id") == "killed"))
    assert recorded.isEmpty()
    assert run_stages(later(again(run, "next"), tmp_path, "8000"), *STAGES)["score"].rows_out == 3
    assert counts(run) == {table: rows + 6 for table, rows in before.items()}
