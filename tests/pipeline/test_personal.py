"""Personal columns: dropped or hashed before anything is written, and the key shows nowhere."""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from housing_spark import sources
from housing_spark.errors import ConfigurationError, InputRefusedError
from housing_spark.tables import Run
from tests.conftest import run_stages
from tests.pipeline.homes import COLUMNS, CONTRACT, csv_bytes

KEY = "a key that nobody should see"
PERSONAL = {
    **CONTRACT,
    "columns": {**COLUMNS, "owner": {"type": "string", "pii": "hash"}, "phone": {"type": "string", "pii": "drop"}},
}
ROWS = (
    "1,100,2,z,Ada Lovelace,555-1234",
    "2,200,3,z,Ada Lovelace,555-9999",
    "3,300,4,z,,",
    "6,600,4,z,   ,",
    "4,x,4,z,Alan Turing,5",
)
SHORT = "5,500,Grace Hopper"
SEEN = ("Lovelace", "Turing", "Hopper", "555-", KEY)


@pytest.fixture
def run(
    make_run: Callable[..., Run], write_contract: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.setenv("HOUSING_PII_KEY", KEY)
    file = tmp_path / "in.csv"
    file.write_bytes(csv_bytes(*ROWS, SHORT, header="id,price,beds,zip,owner,phone"))
    return make_run(write_contract(**PERSONAL), file, "quality.max_quarantined_share=0.9")


def test_a_person_is_in_no_table(run: Run) -> None:
    run_stages(run, "ingest", "clean")
    for name in run.warehouse.tables():
        texts = "\n".join(str(row.asDict()) for row in run.warehouse.read(name).collect())
        assert not [one for one in SEEN if one in texts], name


def test_the_key_is_in_no_plan(run: Run) -> None:
    files = sources.list_input(str(run.input), run.contract, run.settings.ingest, is_label_optional=False)
    rows = sources.read_rows(run.spark, files, run.contract, run.settings.ingest.pii_key)
    plan = rows._jdf.queryExecution().toString()
    assert "hashed(owner" in plan
    assert KEY not in plan


def test_a_value_is_hashed_with_the_key_and_its_column_and_a_missing_one_stays(run: Run) -> None:
    run_stages(run, "ingest", "clean")
    owners = {row["id"]: (row["owner"], row["phone"]) for row in run.warehouse.read("clean").collect()}
    ada = hmac.new(KEY.encode(), b"owner\0Ada Lovelace", hashlib.sha256).hexdigest()
    assert owners == {1: (ada, None), 2: (ada, None), 3: (None, None), 6: (None, None)}
    aside = {row["raw_record"] for row in run.warehouse.read("quarantine").collect()}
    assert any("withheld" in record for record in aside)


def test_a_first_row_that_is_no_header_is_not_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(csv_bytes(*ROWS[1:], header=ROWS[0]))
    with pytest.raises(InputRefusedError, match=r"E-ING-001 .*unknown: 6, not shown") as refused:
        run_stages(run, "ingest")
    assert not [one for one in SEEN if one.lower() in str(refused.value).lower()]


def test_without_a_key_nothing_is_taken_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSING_PII_KEY", "short")
    with pytest.raises(ConfigurationError, match=r"E-CFG-019 .*HOUSING_PII_KEY"):
        run_stages(run, "ingest")
    assert not run.warehouse.exists("raw")


def test_a_contract_may_not_need_what_it_drops(write_contract: Callable[..., Any]) -> None:
    bad = {**PERSONAL, "columns": {**PERSONAL["columns"], "zip": {"type": "string", "pii": "hash"}}}
    with pytest.raises(ConfigurationError, match=r"columns.zip: is personal"):
        write_contract(**bad)
    bad = {**PERSONAL, "rules": {"has_phone": "phone IS NOT NULL"}}
    with pytest.raises(ConfigurationError, match=r"columns.phone: is dropped"):
        write_contract(**bad)
    bad = {**PERSONAL, "columns": {**PERSONAL["columns"], "owner": {"type": "int", "pii": "hash"}}}
    with pytest.raises(ConfigurationError, match=r"pii: hash needs type string"):
        write_contract(**bad)
