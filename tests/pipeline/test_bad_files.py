"""Bad files, each with the code it must get. Numbers are those of the fault catalogue."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from housing_spark import faults
from housing_spark.errors import HousingSparkError
from housing_spark.tables import Run
from tests.conftest import run_stages
from tests.pipeline.homes import CONTRACT, GOOD, csv_bytes


def cut_gzip() -> bytes:
    whole = gzip.compress(csv_bytes(*(f"{i},100,2,z{i}" for i in range(2000))))
    return whole[: len(whole) // 2]


def damaged_parquet(folder: Path) -> bytes:
    pd.DataFrame({"id": [1], "price": [1.0], "beds": [1], "zip": ["a"]}).to_parquet(folder / "x")
    return (folder / "x").read_bytes()[:-20]


FILE_CASES = [
    (22, "in.csv", lambda _: csv_bytes("1,2,3", header="id,cost,beds"), "E-ING-001", 3),
    (23, "in.csv", lambda _: csv_bytes("1,2,3,4,5", header="id,price,price,beds,zip"), "E-ING-002", 3),
    (24, "in.csv", lambda _: b"", "E-ING-003", 3),
    (25, "in.csv", lambda _: csv_bytes(), "E-ING-003", 3),
    (26, "in.csv", lambda _: csv_bytes(*GOOD) + "4,1,2,caf\xe9\n".encode("latin-1"), "E-ING-004", 3),
    (27, "in.csv", lambda _: csv_bytes(*GOOD).decode().encode("utf-16"), "E-ING-004", 3),
    (28, "in.csv.gz", lambda _: cut_gzip(), "E-ING-005", 3),
    (29, "in.parquet", damaged_parquet, "E-ING-005", 3),
    (30, "in.csv", lambda _: csv_bytes(*GOOD, "4,1,2," + "x" * 2_000_000), "E-ING-007", 3),
    (30, "in.csv", lambda _: bytes(100_000), "E-ING-009", 3),
    (44, None, None, "E-ING-008", 3),
    (45, "in.csv", lambda _: csv_bytes(*GOOD), "E-CFG-010", 2),
    (42, "in.csv", lambda _: csv_bytes(*GOOD[:2], "7,a,1,z", "8,a,1,z", "9,a,1,z"), "E-DQ-001", 4),
]


@pytest.mark.parametrize(("number", "name", "content", "code", "exit_code"), FILE_CASES)
def test_a_bad_file_is_refused_and_nothing_is_published(
    number: int,
    name: str | None,
    content: Callable[[Path], bytes] | None,
    code: str,
    exit_code: int,
    tmp_path: Path,
    make_run: Callable[..., Run],
    write_contract: Callable[..., Any],
) -> None:
    form = "parquet" if name and name.endswith("parquet") else "csv"
    contract = write_contract(**CONTRACT, source={"format": form})
    file = tmp_path / "inputs" / (name or "nothing.csv")
    file.parent.mkdir()
    if content:
        file.write_bytes(content(tmp_path))
    run = make_run(contract, file, *(["ingest.allowed_roots=[/var/empty]"] if number == 45 else []))
    with pytest.raises(HousingSparkError) as refused:
        run_stages(run, "ingest", "clean")
    assert refused.value.code == code
    assert refused.value.exit_code == exit_code
    assert "\n" not in str(refused.value)
    assert not run.warehouse.exists("clean")
    assert run.warehouse.exists("raw") == (number == 42)


def test_21_swapped_columns_are_read_by_name(
    tmp_path: Path, make_run: Callable[..., Run], write_contract: Callable[..., Any]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(csv_bytes("2,1,100,z", header="beds,id,price,zip"))
    (tmp_path / "in" / "b.csv").write_bytes(b"\xef\xbb\xbf" + csv_bytes("2,200,3,z"))  # 27: a byte order mark
    run = make_run(write_contract(**CONTRACT), tmp_path / "in")
    run_stages(run, "ingest", "clean")
    rows = run.warehouse.read("clean").orderBy("id").select("id", "price", "beds").collect()
    assert [tuple(row) for row in rows] == [(1, 100.0, 2), (2, 200.0, 3)]


def test_a_file_that_changes_while_it_is_read_is_taken_back_and_comes_in_later(
    tmp_path: Path, make_run: Callable[..., Run], write_contract: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    contract, file = write_contract(**CONTRACT), tmp_path / "in" / "a.csv"
    file.parent.mkdir()
    file.write_bytes(csv_bytes(*GOOD[:1]))
    run_stages(make_run(contract, file.parent), "ingest")
    later, content = file.with_name("b.csv"), csv_bytes(*GOOD[1:])
    later.write_bytes(content)
    monkeypatch.setitem(faults._ACTIONS, "change", lambda: later.write_bytes(content + b"9,100,2,z\n"))  # type: ignore[index]  # a mapping to read
    monkeypatch.setenv("HOUSING_ENABLE_FAULTS", "1")
    monkeypatch.setenv("HOUSING_FAULT", "ingest/before/raw:change")
    monkeypatch.setattr(faults, "_REACHED", faults.Counter())
    run = make_run(contract, file.parent)
    with pytest.raises(HousingSparkError, match=r"E-ING-006 b\.csv: changed while it was read"):
        run_stages(run, "ingest")
    assert run.warehouse.read("raw").count() == 1
    monkeypatch.delenv("HOUSING_FAULT")
    later.write_bytes(content)  # as it was: known by its content, and yet not taken in before
    again = make_run(contract, file.parent)
    run_stages(again, "ingest")
    assert again.warehouse.read("raw").count() == len(GOOD)


def test_45_a_link_out_of_the_allowed_folder_is_refused(
    tmp_path: Path, make_run: Callable[..., Run], write_contract: Callable[..., Any]
) -> None:
    (tmp_path / "secret.csv").write_bytes(csv_bytes(*GOOD))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").symlink_to(tmp_path / "secret.csv")
    run = make_run(write_contract(**CONTRACT), tmp_path / "in", f"ingest.allowed_roots=[{tmp_path / 'in'}]")
    with pytest.raises(HousingSparkError, match="E-CFG-010"):
        run_stages(run, "ingest")
