"""Bad rows, each with the code it must get. Numbers are those of the fault catalogue; 35 to 38 need Kafka."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from housing_spark.tables import Run
from tests.conftest import contract_writer, run_maker, run_stages
from tests.pipeline.homes import COLUMNS, CONTRACT, GOOD, csv_bytes


@dataclass(frozen=True)
class Case:
    """A bad input and what must become of it."""

    number: int
    row: str | None = None
    code: str | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    contract: dict[str, Any] = field(default_factory=dict)
    value: str | None = None
    stored: dict[str, Any] = field(default_factory=dict)


# Dates, moments and places in one contract: a batch of its own takes seconds.
RICH = {
    "columns": {
        **COLUMNS,
        "sold": {"type": "date"},
        "listed": {"type": "date"},
        "built": {"type": "int"},
        "at": {"type": "timestamp"},
        "lat": {"type": "double", "min": 41, "max": 43},
        "lon": {"type": "double", "min": -89, "max": -87},
    },
    "location": {"latitude": "lat", "longitude": "lon"},
    "rules": {"sold_by_2030": "sold < date '2030-01-01'", "built_before_sold": "built <= year(sold)"},
}
MONEY = {"columns": {**COLUMNS, "price": {"type": "decimal(10,2)", "required": True}}}
JSON = {"source": {"format": "json"}}

# "{id}" is a key of its own for every case.
ROW_CASES = [
    Case(1, "{id},abc,2,z", "E-ING-101", value="abc"),
    Case(2, "{id},,2,z", "E-ING-102"),
    Case(3, "{id},-5,2,z", "E-ING-103", value="-5"),
    Case(4, "{id},0,2,z", "E-ING-103", value="0"),
    Case(5, "{id},NaN,2,z", "E-ING-104", value="NaN"),
    Case(6, "{id},1e999,2,z", "E-ING-104", value="1e999"),
    Case(7, "{id},12345678901.5,2,z", "E-ING-105", contract=MONEY),
    Case(8, "{id},$350000,2,z", "E-ING-106"),
    Case(8, '{id},"350.000,00",2,z', "E-ING-106"),  # a contract has no locale: refused, never guessed
    Case(9, "{id},350000,2", "E-ING-107"),
    Case(10, "{id},350000,2,z,more", "E-ING-108"),
    Case(11, '{id},350000,2,"z', "E-ING-109"),
    Case(11, '{id},"350000,2,z', "E-ING-109"),
    Case(12, "{id},1,2,z,2024-02-30,,,,42,-88", "E-ING-110", contract=RICH),
    # A contract has no clock, so a date in the future is taken; a fixed bound is a rule.
    Case(13, "{id},1,2,z,,2999-01-01,,,42,-88", None, contract=RICH),
    Case(13, "{id},1,2,z,2999-01-01,,,,42,-88", "E-ING-112", contract=RICH),
    Case(14, "{id},1,2,z,2020-01-01,,3025,,42,-88", "E-ING-112", contract=RICH),
    Case(15, "{id},1,3.5,z", "E-ING-113", value="3.5"),
    Case(15, "{id},1,-1,z", "E-ING-113"),
    Case(15, "{id},1,500,z", "E-ING-113"),
    Case(16, "{id},1,2,z,,,,,0,-88", "E-ING-114", contract=RICH),
    Case(17, "{id},1,2,00501", None, stored={"zip": "00501"}),
    Case(20, ",{id},2,z", "E-ING-116"),
    Case(31, '{"id": {id}, "price": ', "E-ING-117", contract=JSON),
    Case(32, '{"id": {id}, "price": "350000", "beds": 2}', None, contract=JSON, stored={"price": 350000.0}),
    Case(33, '[{"id": {id}, "price": 1}]', "E-ING-118", contract=JSON),
    Case(34, '{"id": {id}, "price": 1, "price": 2}', "E-ING-119", contract=JSON),
    Case(39, "{id},1,2,z\x07z", "E-ING-122"),
    # Kept as data; the CSV export escapes it (test_end_to_end.py).
    Case(40, "{id},1,2,=HYPERLINK(1)", None, stored={"zip": "=HYPERLINK(1)"}),
    # A contract has no time zone: times are UTC, where 02:30 exists on every day.
    Case(41, "{id},1,2,z,,,,2024-03-31 02:30:00,42,-88", None, contract=RICH),
]
KEYS = {number: 1000 + place for place, number in enumerate(map(id, ROW_CASES))}


def good_rows(columns: dict[str, Any], is_json: bool) -> list[str]:
    fill = {
        "sold": "2020-01-01",
        "listed": "2019-12-01",
        "built": "1990",
        "at": "2024-01-01 00:00:00",
        "lat": "42",
        "lon": "-88",
    }
    extra = [fill[name] for name in columns if name not in COLUMNS]
    rows = [",".join([row, *extra]) for row in GOOD]
    if not is_json:
        return rows
    return [json.dumps(dict(zip(columns, row.split(","), strict=True))) for row in rows]


class Outcomes:
    """Runs all rows of one contract as one batch, once."""

    def __init__(self, make_run: Callable[..., Run], write_contract: Callable[..., Any], folder: Path) -> None:
        self._make_run, self._write_contract, self._folder = make_run, write_contract, folder
        self._seen: dict[str, tuple[dict[str, list[Any]], dict[int, dict[str, Any]]]] = {}

    def of(self, case: Case) -> tuple[list[Any], dict[str, Any] | None]:
        """The reasons against a case's row, and the row as it was accepted."""
        group = json.dumps(case.contract)
        if group not in self._seen:
            self._seen[group] = self._run(case.contract, f"homes{len(self._seen)}")
        refused, accepted = self._seen[group]
        reasons = [found for record, found in refused.items() if str(KEYS[id(case)]) in record]
        return [reason for found in reasons for reason in found], accepted.get(KEYS[id(case)])

    def _run(self, changes: dict[str, Any], name: str) -> tuple[Any, Any]:
        contract = self._write_contract(**{**CONTRACT, **changes, "dataset": name})
        is_json = contract.source.format == "json"
        rows = [
            case.row.replace("{id}", str(KEYS[id(case)])) for case in ROW_CASES if case.row and case.contract == changes
        ]
        lines = [*good_rows(changes.get("columns", COLUMNS), is_json), *rows]
        file = self._folder / f"{name}.{'json' if is_json else 'csv'}"
        file.write_text("\n".join(lines if is_json else [",".join(contract.columns), *lines]) + "\n")
        run = self._make_run(contract, file, "quality.max_quarantined_share=1")
        report = run_stages(run, "ingest", "clean")["clean"]
        assert report.rows_in == len(lines) == report.rows_out + report.rows_quarantined
        refused = {row["raw_record"]: row["reasons"] for row in run.warehouse.read("quarantine").collect()}
        return refused, {row["id"]: row.asDict() for row in run.warehouse.read("clean").collect()}


@pytest.fixture(scope="module")
def outcomes(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    folder = tmp_path_factory.mktemp("inputs")
    return Outcomes(run_maker(spark, folder), contract_writer(folder), folder)


@pytest.mark.parametrize("case", ROW_CASES, ids=lambda case: f"{case.number}-{case.code}")
def test_a_bad_row_gets_its_code_and_never_stops_the_batch(case: Case, outcomes: Outcomes) -> None:
    reasons, accepted = outcomes.of(case)
    assert [reason["code"] for reason in reasons] == ([case.code] if case.code else [])
    assert (accepted is None) == (case.code is not None)
    if case.value:
        assert reasons[0]["value"] == case.value
    for name, value in case.stored.items():
        assert accepted is not None
        assert accepted[name] == value


@pytest.mark.parametrize(
    ("number", "row", "code", "duplicates"), [(18, "1,100,2,02134", None, 1), (19, "1,150,2,02134", "E-ING-115", 0)]
)
def test_a_key_that_appears_twice(
    number: int, row: str, code: str | None, duplicates: int, tmp_path: Path, make_run: Any, write_contract: Any
) -> None:
    (tmp_path / "in.csv").write_bytes(csv_bytes(*GOOD, row))
    run = make_run(write_contract(**CONTRACT), tmp_path / "in.csv", "quality.max_quarantined_share=1")
    report = run_stages(run, "ingest", "clean")["clean"]
    refused = [reason["code"] for found in run.warehouse.read("quarantine").collect() for reason in found["reasons"]]
    assert refused == ([code] if code else [])
    assert (report.rows_in, report.rows_out, report.rows_duplicate) == (4, 3, duplicates)


def test_43_a_skewed_key_is_still_right(
    tmp_path: Path, make_run: Callable[..., Run], write_contract: Callable[..., Any]
) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(csv_bytes(*(f"1,{100 + i},2,z" for i in range(300)), "2,5,1,y"))
    run = make_run(write_contract(**CONTRACT), file, "quality.max_quarantined_share=1")
    report = run_stages(run, "ingest", "clean")["clean"]
    assert (report.rows_in, report.rows_out, report.rows_quarantined) == (301, 2, 299)
