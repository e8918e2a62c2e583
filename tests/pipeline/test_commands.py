"""The command line: results, one line for a failure, exit codes."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from housing_spark.cli import main
from tests.pipeline.conftest import MARKET_SETS


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def on_market(market: Any, *words: str) -> int:
    settings = market[0].settings
    sets = [word for text in MARKET_SETS for word in ("--set", text)]
    return run(*words, "--dataset", "market", "--warehouse", settings.warehouse, *sets)


def test_a_finished_run_again_is_one_json_line(market: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert on_market(market, "run", "--input", market[0].input, "--json") == 0
    stages = json.loads(capsys.readouterr().out)["stages"]
    assert [stage["job"] for stage in stages][:2] == ["ingest", "clean"]
    assert stages[0]["status"] == "already applied"


def test_a_table_and_the_headline_are_shown(market: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert on_market(market, "evaluate") == 0
    shown = capsys.readouterr().err
    assert "already applied" in shown
    assert "least squares" in shown


def test_new_rows_are_priced_shown_and_exported(
    market_copy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header, row = next(Path(market_copy[0].input).glob("part-*.csv")).read_text().splitlines()[:2]
    (tmp_path / "new.csv").write_text(f"{header}\n{row.replace(row.split(',')[0], '777777', 1)}\n")
    out = tmp_path / "out.csv"
    assert on_market(market_copy, "score", "--input", str(tmp_path / "new.csv"), "--export", str(out)) == 0
    assert "prediction_upper" in capsys.readouterr().out
    assert [row["sale_id"] for row in csv.DictReader(out.open())] == ["777777"]
    assert on_market(market_copy, "score", "--export", str(out)) == 2
    assert "E-CLI-005" in capsys.readouterr().err


def test_homes_are_valued_as_of_a_day_beside_the_prices_of_their_sales(
    market_copy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = market_copy[0].warehouse
    homes = warehouse.read("features").count()
    for _ in range(2):
        assert on_market(market_copy, "score", "--as-of", "2023-12-31") == 0
    assert "already applied" in capsys.readouterr().err
    assert on_market(market_copy, "score", "--as-of", "2018-01-01") == 0
    assert on_market(market_copy, "score", "--as-of", "2023-12-31") == 0
    assert "Nothing new to price" in capsys.readouterr().err
    assert on_market(market_copy, "score") == 0
    prices = warehouse.read("predictions").groupBy("valued_on").count().orderBy("valued_on").collect()
    assert [(row["valued_on"], row["count"]) for row in prices] == [
        (None, homes), (date(2018, 1, 1), homes), (date(2023, 12, 31), homes)
    ]  # fmt: skip
    passports = warehouse.read("scoring_runs").select("valued_on", "rows").collect()
    assert {(row["valued_on"], row["rows"]) for row in passports} == {
        (None, homes), (date(2018, 1, 1), homes), (date(2023, 12, 31), homes)
    }  # fmt: skip


def test_without_times_there_is_no_valuation_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("score", "--dataset", "california", "--as-of", "2023-12-31", "--warehouse", str(tmp_path))
    assert run(*words) == 2
    assert "E-CLI-009 --as-of 2023-12-31: sales of california have no time" in capsys.readouterr().err


def test_sql_answers_and_prints_the_statements(market: Any, capsys: pytest.CaptureFixture[str]) -> None:
    warehouse = market[0].settings.warehouse
    assert run("sql", "select count(*) n from market.clean", "--warehouse", warehouse, "--json") == 0
    assert json.loads(capsys.readouterr().out) == [{"n": market[0].warehouse.read("clean").count()}]
    assert run("sql", "select 1 as one", "--warehouse", warehouse) == 0
    assert "one" in capsys.readouterr().out
    assert run("sql", "--ddl", "--warehouse", warehouse) == 0
    shown = capsys.readouterr().out
    assert "CREATE TABLE IF NOT EXISTS `market`.`predictions` USING DELTA LOCATION" in shown
    assert shown.index("USE `market`;") < shown.index("CREATE OR REPLACE VIEW `market`.`champion`")
    assert run("sql", "--list") == 0
    assert "What is the newest price of each home?" in capsys.readouterr().out


def test_a_champion_without_predecessor_cannot_be_rolled_back(
    make_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("promote", "--rollback", "--dataset", "market", "--warehouse", str(tmp_path)) == 3
    assert "E-REG-002" in capsys.readouterr().err


FAILURES = [
    (("run", "--dataset", "nope"), 2, "E-CFG-002"),
    (("run", "--dataset", "california", "--warehouse", "{tmp}"), 3, "E-ING-008"),
    (("run", "--set", "trian.seed=1"), 2, "trian: unknown key"),
    (("run", "--frobnicate"), 2, "No such option"),
    (("frobnicate",), 2, "No such command"),
    (("sql", "select 1", "--warehouse", "{tmp}"), 2, "E-CLI-007"),
    (("generate", "--rows", "0", "--output", "{tmp}/x"), 2, "E-CLI-004"),
    (("generate", "--rows", "1", "--output", "{tmp}"), 2, "E-CLI-005"),
    (("generate", "--rows", "1", "--output", "{tmp}/x", "--leak", "nope"), 2, "E-CLI-011"),
    (("run", "--spark-conf", "nonsense", "--warehouse", "{tmp}"), 2, "E-CLI-001"),
    (("promote", "--set", "tracking.uri=./mlruns", "--warehouse", "{tmp}"), 2, "E-CFG-012"),
    (("promote", "--warehouse", "{tmp}"), 3, "E-REG-001"),
]


@pytest.mark.parametrize(("words", "code", "line"), FAILURES, ids=[" ".join(case[0]) for case in FAILURES])
def test_a_failure_is_one_line_and_an_exit_code(
    words: tuple[str, ...], code: int, line: str, spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*(word.replace("{tmp}", str(tmp_path)) for word in words)) == code
    shown = capsys.readouterr().err
    assert line in shown
    assert "Traceback" not in shown


def test_small_commands(tmp_path: Path, spark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("contract", "check", "ames") == 0
    assert "74 columns" in capsys.readouterr().out
    assert run("config", "--set", "training.seed=9") == 0
    assert "seed: 9" in capsys.readouterr().out
    assert run("generate", "--rows", "30", "--output", str(tmp_path / "m"), "--seed", "2") == 0
    assert sum(len(file.read_text().splitlines()) - 1 for file in (tmp_path / "m").glob("*.csv")) == 30
