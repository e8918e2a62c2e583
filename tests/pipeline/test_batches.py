"""Batches over time: updates, conflicts, filled labels, crashes between two commits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from delta.tables import DeltaTable

from housing_spark import operations, pipeline, verifying
from housing_spark.errors import GateRefusedError, InputRefusedError, TableBusyError
from housing_spark.tables import Job, Run, hold
from tests.conftest import run_stages
from tests.pipeline.homes import CONTRACT, csv_bytes

OPTIONAL_LABEL = {**CONTRACT, "columns": {**CONTRACT["columns"], "price": {"type": "double", "min": 1}}}


def feed(make_run: Callable[..., Run], contract: Any, folder: Path, name: str, *rows: str) -> tuple[Run, Any]:
    (folder / name).write_bytes(csv_bytes(*rows))
    run = make_run(contract, folder / name, "quality.max_quarantined_share=0.5")
    return run, run_stages(run, "ingest", "clean")["clean"]


def prices(run: Run) -> dict[int, Any]:
    return {row["id"]: row["price"] for row in run.warehouse.read("clean").collect()}


def test_the_later_batch_wins_and_the_row_it_replaced_is_set_aside(
    make_run: Any, write_contract: Any, tmp_path: Path
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z", "2,200,3,z")
    run, report = feed(make_run, contract, tmp_path, "b.csv", "1,150,2,z", "3,300,1,z", "2,200,3,z")
    assert prices(run) == {1: 150.0, 2: 200.0, 3: 300.0}
    assert (report.rows_in, report.rows_out, report.rows_quarantined, report.rows_duplicate) == (3, 1, 1, 1)
    refused = run.warehouse.read("quarantine").collect()
    assert [reason["rule"] for reason in refused[0]["reasons"]] == ["superseded"]
    assert '"price":100.0' in refused[0]["raw_record"]


def test_a_label_that_arrives_later_fills_the_gap_and_one_that_is_missing_later_loses_nothing(
    make_run: Any, write_contract: Any, tmp_path: Path
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    feed(make_run, contract, tmp_path, "a.csv", "1,,2,z", "2,200,3,z")
    run, report = feed(make_run, contract, tmp_path, "b.csv", "1,110,2,z", "2,,3,z")
    assert prices(run) == {1: 110.0, 2: 200.0}
    assert report.rows_in == report.rows_out + report.rows_quarantined + report.rows_duplicate == 2


def test_a_crash_between_clean_and_quarantine_is_made_good(
    make_run: Any, write_contract: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z")
    with monkeypatch.context() as crash:
        crash.setattr(Job, "append", crash_on_quarantine(Job.append))
        with pytest.raises(KeyboardInterrupt):
            feed(make_run, contract, tmp_path, "b.csv", "1,150,2,z", "2,x,1,z")
    run, report = feed(make_run, contract, tmp_path, "b.csv", "1,150,2,z", "2,x,1,z")
    assert prices(run) == {1: 150.0}
    assert run.warehouse.read("quarantine").count() == 2
    assert (report.rows_in, report.rows_out, report.rows_quarantined) == (2, 0, 2)


def test_a_crash_between_clean_and_quarantine_is_undone_when_another_batch_has_come(
    make_run: Any, write_contract: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z")
    with monkeypatch.context() as crash:
        crash.setattr(Job, "append", crash_on_quarantine(Job.append))
        with pytest.raises(KeyboardInterrupt):
            feed(make_run, contract, tmp_path, "b.csv", "1,150,2,z", "2,x,1,z", "4,1,1,z")
    run, report = feed(make_run, contract, tmp_path, "c.csv", "3,300,2,z", "5,500,2,z")
    assert prices(run) == {1: 150.0, 3: 300.0, 4: 1.0, 5: 500.0}
    assert run.warehouse.read("quarantine").count() == 2
    assert (report.rows_in, report.rows_out, report.rows_quarantined) == (5, 3, 2)


def crash_on_quarantine(append: Callable[..., Any]) -> Callable[..., Any]:
    def crashing(job: Job, frame: Any, table: Any, part: str = "") -> Any:
        if table.name == "quarantine":
            raise KeyboardInterrupt
        return append(job, frame, table, part)

    return crashing


def test_a_refused_batch_can_be_withdrawn_and_its_file_come_again(
    make_run: Any, write_contract: Any, tmp_path: Path
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z", "2,200,3,z")
    with pytest.raises(GateRefusedError, match=r"E-DQ-001 batch 000002-.*housing withdraw 000002-"):
        feed(make_run, contract, tmp_path, "b.csv", "3,x,2,z")
    run = make_run(contract)
    with pytest.raises(InputRefusedError, match=r"E-ING-010 batch 000001-x does not wait .* raw: 000002-"):
        operations.withdraw(run, "000001-x")
    withdrawn = operations.withdraw(run)
    assert withdrawn.rows_in == 1
    assert run.warehouse.read("raw").count() == 2
    assert run.warehouse.read("raw", withdrawn.tables["raw"] - 1).count() == 3
    with pytest.raises(InputRefusedError, match="E-ING-010 no batch is named; waiting in raw: none"):
        operations.withdraw(run)
    _, report = feed(make_run, contract, tmp_path, "b.csv", "3,300,2,z")
    assert (report.rows_in, report.rows_out) == (1, 1)
    (tmp_path / "b.csv").write_bytes(csv_bytes("3,x,2,z"))
    assert pipeline.ingest(make_run(contract, tmp_path / "b.csv")).rows_in == 1


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with hold(tmp_path, "first"), pytest.raises(TableBusyError, match="held by run first"), hold(tmp_path, "second"):
        pass
    with hold(tmp_path, "third"):
        assert "third" in (tmp_path / ".lock").read_text()


def test_full_takes_the_same_files_again_without_doubling_them(
    make_run: Any, write_contract: Any, tmp_path: Path
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    run, _ = feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z", "2,200,3,z")
    full = make_run(contract, tmp_path / "a.csv", is_full=True)
    reports = run_stages(full, "ingest", "clean")
    assert reports["ingest"].status == reports["clean"].status == "done"
    assert run.warehouse.read("raw").count() == 2
    assert prices(run) == {1: 100.0, 2: 200.0}


def test_after_all_files_were_taken_in_anew_all_rows_are_cleaned_anew(
    make_run: Any, write_contract: Any, tmp_path: Path
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z", "2,x,3,z", "3,300,1,z")
    full = make_run(contract, tmp_path / "a.csv", "quality.max_quarantined_share=0.5", is_full=True)
    run_stages(full, "ingest")
    assert all(one.passed for one in verifying.verify(full))
    run, report = feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z", "2,x,3,z", "3,300,1,z")
    assert (report.rows_in, report.rows_out, report.rows_quarantined, report.rows_duplicate) == (3, 2, 1, 0)
    assert run.warehouse.read("quarantine").count() == 1
    assert all(one.passed for one in verifying.verify(run))


def features(run: Run) -> list[tuple[Any, ...]]:
    rows = run.warehouse.read("features").drop("batch_id").orderBy("row_key").collect()
    return [tuple(row) for row in rows]


def test_features_of_a_new_batch_are_added_and_equal_those_of_all_batches_at_once(
    make_run: Any, write_contract: Any, tmp_path: Path
) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z", "2,,3,z", "4,400,3,z")
    first = pipeline.describe(make_run(contract))
    assert (first.status, first.rows_out) == ("done", 3)
    run, _ = feed(make_run, contract, tmp_path, "b.csv", "1,150,2,z", "3,300,1,z", "2,200,3,z", "4,400,3,z")
    added = pipeline.describe(make_run(contract))
    assert added.rows_out == 3  # a new one, one with another price, one with its price at last
    grown = features(run)
    assert pipeline.describe(make_run(contract, is_full=True)).rows_out == 4
    assert features(run) == grown
    assert [row[2] for row in sorted(grown, key=lambda row: row[2])] == [150.0, 200.0, 300.0, 400.0]


def test_features_are_written_as_a_whole_after_clean_was(make_run: Any, write_contract: Any, tmp_path: Path) -> None:
    contract = write_contract(**OPTIONAL_LABEL)
    run, _ = feed(make_run, contract, tmp_path, "a.csv", "1,100,2,z", "2,200,3,z")
    pipeline.describe(make_run(contract))
    DeltaTable.forPath(run.spark, run.warehouse.path("raw")).delete("id = 2")
    pipeline.clean(make_run(contract, is_full=True))
    pipeline.describe(make_run(contract))
    assert [row[2] for row in features(run)] == [100.0]
