"""Writes happen once, match their table, and evolve only where nothing breaks."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import types as T

from housing_spark.contract import load_contract
from housing_spark.errors import ConfigurationError, HousingSparkError, ResourceMissingError, TableDamagedError
from housing_spark.schemas import Field, Table
from housing_spark.tables import Run, Warehouse, hold, register_tables
from housing_spark.tables.files import read_commit
from housing_spark.tables.write import Target, append, merge, overwrite, record

INT, LONG, TEXT = T.IntegerType(), T.LongType(), T.StringType()


def table(*fields: tuple[str, T.DataType], name: str = "things") -> Table:
    return Table(name, "Things", tuple(Field(field, kind, f"about {field}") for field, kind in fields), key=("id",))


SMALL = table(("id", LONG), ("n", INT))


@pytest.fixture
def warehouse(spark: SparkSession, tmp_path: Path) -> Warehouse:
    return Warehouse(spark, str(tmp_path), f"set_{abs(hash(str(tmp_path)))}")


def rows(warehouse: Warehouse, shape: Table, *values: tuple):
    return shape.select(warehouse.spark.createDataFrame(list(values), shape.schema))


def test_a_repeat_under_the_same_identity_changes_nothing(warehouse: Warehouse) -> None:
    first = append(rows(warehouse, SMALL, (1, 1)), Target(SMALL, warehouse, "one"))
    again = append(rows(warehouse, SMALL, (1, 1)), Target(SMALL, warehouse, "one"))
    other = append(rows(warehouse, SMALL, (2, 2)), Target(SMALL, warehouse, "two"))
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert (first.version, again.version, other.version) == (0, 0, 1)
    assert (first.rows, again.rows) == (1, 1)
    assert warehouse.read("things").count() == 2


def test_records_are_added_without_an_identity(warehouse: Warehouse) -> None:
    for number in (1, 2, 2):
        record(SMALL.frame(warehouse.spark, [{"id": number, "n": None}]), SMALL, warehouse)
    assert sorted(row["id"] for row in warehouse.read("things").collect()) == [1, 2, 2]
    log = Path(warehouse.path("things")) / "_delta_log"
    assert len(list(log.glob("*.json"))) == 3
    assert not [file for file in log.glob("*.json") if '"txn"' in file.read_text()]
    with pytest.raises(HousingSparkError, match="E-TABLE-011"):
        record(warehouse.read("things").select("id"), SMALL, warehouse)


def test_rows_of_the_driver_lie_in_the_plan_and_keep_their_types(warehouse: Warehouse) -> None:
    shape = table(("id", LONG), ("n", INT), ("text", TEXT), ("at", T.TimestampType()), ("on", T.DateType()))
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    given = [{"id": 1, "n": None, "text": "a", "at": at, "on": at.date()}, {**dict.fromkeys(shape.columns), "id": 2}]
    frame = shape.frame(warehouse.spark, given)
    assert frame.schema == shape.schema
    assert "LocalTableScan" in frame._jdf.queryExecution().executedPlan().toString()
    found = [row.asDict() for row in frame.orderBy("id").collect()]
    assert found[1] == given[1]
    assert found[0] == given[0] | {"at": at.replace(tzinfo=None)}


@pytest.mark.parametrize("left", ["things/part-00000-killed.snappy.parquet", "things/_delta_log/.0.json.tmp"])
def test_a_first_write_that_was_killed_can_be_repeated(warehouse: Warehouse, left: str) -> None:
    remains = Path(warehouse.location) / left
    remains.parent.mkdir(parents=True)
    remains.write_text("")
    written = append(rows(warehouse, SMALL, (1, 1)), Target(SMALL, warehouse, "one"))
    assert (written.is_new, written.version, written.rows) == (True, 0, 1)
    assert warehouse.read("things").count() == 1


def test_a_table_is_made_with_its_comment_in_its_first_commit(warehouse: Warehouse) -> None:
    append(rows(warehouse, SMALL, (1, 1)), Target(SMALL, warehouse, "one"))
    append(rows(warehouse, SMALL, (2, 2)), Target(SMALL, warehouse, "two"))
    metadata = DeltaTable(warehouse.path("things"))
    assert metadata.version() == 1
    assert metadata.metadata().description == "Things"


def test_a_merge_inserts_and_replaces_once(warehouse: Warehouse) -> None:
    overwrite(rows(warehouse, SMALL, (1, 1), (2, 2)), Target(SMALL, warehouse, "start"))
    for _ in range(2):
        written = merge(rows(warehouse, SMALL, (2, 20), (3, 30)), Target(SMALL, warehouse, "merge"))
    assert not written.is_new
    assert sorted(map(tuple, warehouse.read("things").collect())) == [(1, 1), (2, 20), (3, 30)]


def test_a_frame_that_does_not_match_says_what_to_change(warehouse: Warehouse) -> None:
    frame = warehouse.spark.createDataFrame([(1, "x")], "id bigint, colour string")
    with pytest.raises(HousingSparkError, match=r"add \['n int'\], remove \['colour string'\]"):
        append(frame, Target(SMALL, warehouse, "one"))


def test_a_text_may_hold_what_elsewhere_ends_a_line(warehouse: Warehouse) -> None:
    shape = table(("id", LONG), ("note", TEXT))
    append(rows(warehouse, shape, (1, "a\u2028b")), Target(shape, warehouse, "one"))
    stats = [json.loads(action["add"]["stats"]) for action in read_commit(warehouse, "things", 0) if "add" in action]
    assert [one["minValues"]["note"] for one in stats] == ["a\u2028b"]


def test_new_columns_and_wider_types_evolve_a_table_and_others_are_refused(warehouse: Warehouse) -> None:
    overwrite(rows(warehouse, SMALL, (1, 1)), Target(SMALL, warehouse, "one"))
    wider = table(("id", LONG), ("n", LONG), ("note", TEXT))
    overwrite(rows(warehouse, wider, (1, 1, "x")), Target(wider, warehouse, "two"))
    assert warehouse.read("things").columns == ["id", "n", "note"]
    changed = table(("id", LONG), ("n", TEXT), ("note", TEXT))
    with pytest.raises(ConfigurationError, match=r"column n was bigint, now string; give --full"):
        overwrite(rows(warehouse, changed, (1, "1", "x")), Target(changed, warehouse, "three"))
    fewer = table(("id", LONG), ("n", LONG))
    with pytest.raises(ConfigurationError, match=r"note \(string\) is no longer in the contract"):
        overwrite(rows(warehouse, fewer, (1, 1)), Target(fewer, warehouse, "four"))
    overwrite(rows(warehouse, fewer, (1, 1)), Target(fewer, warehouse, "five"), is_full=True)
    assert warehouse.read("things").columns == ["id", "n"]


def test_missing_tables_and_versions_are_named(warehouse: Warehouse) -> None:
    with pytest.raises(TableDamagedError, match=r"no Delta table at .*; run the earlier stages first"):
        warehouse.version("things")
    append(rows(warehouse, SMALL, (1, 1)), Target(SMALL, warehouse, "one"))
    with pytest.raises(TableDamagedError, match="things version 7: cannot be read"):
        warehouse.read("things", 7)


def test_a_name_is_never_pointed_at_another_place(warehouse: Warehouse, tmp_path: Path) -> None:
    append(rows(warehouse, SMALL, (1, 1)), Target(SMALL, warehouse, "one"))
    register_tables(warehouse, ["things"])
    elsewhere = Warehouse(warehouse.spark, str(tmp_path / "elsewhere"), warehouse.dataset)
    append(rows(elsewhere, SMALL, (1, 1)), Target(SMALL, elsewhere, "one"))
    with pytest.raises(ConfigurationError, match="the catalog has it at"):
        register_tables(elsewhere, ["things"])


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceMissingError, match="E-RES-001"), hold(tmp_path / "file" / "below", "run"):
        pass


def test_a_failure_of_any_kind_is_recorded(make_run: Callable[..., Run]) -> None:
    run = make_run(load_contract("market"))
    run.once("one", lambda job: job.finish(rows_in=1))
    with pytest.raises(ZeroDivisionError):
        run.once("two", lambda job: job.finish(rows_in=1 // 0))
    failed = run.warehouse.read("job_runs").where("status = 'failed'").collect()
    assert [(row["job"], row["error"]) for row in failed] == [
        ("two", "ZeroDivisionError: integer division or modulo by zero")
    ]
    assert run.last_report("two") is None
