"""Predictions in real databases: the same rows once, whatever happens on the way."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from housing_spark.cli import main
from housing_spark.exports import export_to_database
from housing_spark.serving import Loaded, connect
from housing_spark.tables import Warehouse
from tests.serving.conftest import Server, rows_of

CONTRACTS = Path(__file__).parent.parent.parent / "conf" / "datasets"
ROWS = 100_000


def test_a_hundred_thousand_predictions_twice_are_the_same_rows(
    spark: SparkSession, tmp_path: Path, postgres: Server, price: Callable[..., None]
) -> None:
    warehouse = Warehouse(spark, str(tmp_path), "export_many")
    price(warehouse, "one", ROWS)
    price(warehouse, "killed", 10, is_finished=False)
    with connect(postgres.url()) as database:
        first = export_to_database(warehouse, database, "many", is_all=False)
        second = export_to_database(warehouse, database, "many", is_all=False)
    assert (first, second) == (Loaded(ROWS, 0, 0), Loaded(0, 0, ROWS))
    expected = DeltaTable(warehouse.path("predictions")).to_pandas().query("scoring_run_id == 'one'")
    columns = list(expected.columns)
    with psycopg.connect(postgres.url()) as connection:
        cursor = connection.execute("SELECT * FROM many ORDER BY row_key")
        assert [column.name for column in cursor.description or ()] == columns
        found = cursor.fetchall()
    in_order = expected.sort_values("row_key").astype(object).where(expected.notna(), None)
    pairs = zip(found, in_order.itertuples(index=False, name=None), strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def test_a_new_run_updates_the_newest_prices_and_adds_to_all(
    spark: SparkSession, tmp_path: Path, price: Callable[..., None]
) -> None:
    warehouse = Warehouse(spark, str(tmp_path), "export_twice")
    price(warehouse, "one", 20)
    url = f"sqlite:///{tmp_path}/out.db"
    with connect(url) as database:
        export_to_database(warehouse, database, "newest", is_all=False)
        export_to_database(warehouse, database, "everything", is_all=True)
        price(warehouse, "two", 5)
        price(warehouse, "killed", 3, is_finished=False)
        assert export_to_database(warehouse, database, "newest", is_all=False) == Loaded(0, 5, 15)
        assert export_to_database(warehouse, database, "everything", is_all=True) == Loaded(5, 0, 20)
    runs = "SELECT scoring_run_id, count(*) FROM {} GROUP BY 1 ORDER BY 1"
    assert rows_of(url, runs.format("newest")) == [("one", 15), ("two", 5)]
    assert rows_of(url, runs.format("everything")) == [("one", 20), ("two", 5)]


def leave_with(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def test_the_command_says_what_it_did_and_never_the_password(
    spark: SparkSession, tmp_path: Path, postgres: Server, price: Callable[..., None],
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    contract = tmp_path / "shown.yaml"
    contract.write_text((CONTRACTS / "market.yaml").read_text().replace("dataset: market", "dataset: export_shown"))
    price(Warehouse(spark, str(tmp_path), "export_shown"), "one", 30)
    words = ("export", "--dataset", str(contract), "--warehouse", str(tmp_path), "--table", "shown", "--debug", "--to")
    assert leave_with(*words, postgres.url()) == 0
    shown = capfd.readouterr()
    assert "30 predictions to postgresql://127.0.0.1" in shown.err
    assert "30 inserted, 0 updated, 0 unchanged" in shown.err
    assert leave_with(*words, postgres.url("wrong-secret")) == 6
    assert leave_with(*words, postgres.url(port=1)) == 6
    assert leave_with(*words, postgres.url() + "?colour=secret-red") == 2
    refused = capfd.readouterr()
    assert "E-EXP-003 postgresql://127.0.0.1:1/postgres: " in refused.err
    for secret in (postgres.password, "wrong-secret", "secret-red"):
        assert secret not in shown.err + shown.out + refused.err + refused.out
    assert leave_with(*words, f"sqlite:///{tmp_path}/x.db", "--dataset", "ames") == 7
