"""A PostgreSQL server of its own, and a warehouse with predictions that no model had to be trained for."""

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from housing_spark.contract import load_contract
from housing_spark.schemas.models import JOB_RUNS, SCORING_RUNS, predictions_table
from housing_spark.tables import Warehouse
from housing_spark.tables.write import Target, append

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@dataclass(frozen=True)
class Server:
    port: int
    password: str

    def url(self, password: str | None = None, port: int | None = None) -> str:
        return f"postgresql://housing:{password or self.password}@127.0.0.1:{port or self.port}/postgres"


def as_owner(folder: Path, *words: str | Path) -> None:
    """Run a command of PostgreSQL, which refuses to be root: its Debian package brings a user for it."""
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*user, *map(str, words)], check=True, stdout=subprocess.DEVNULL, cwd=folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(free.getsockname()[1], secrets.token_hex(16))
    (folder / "password").write_text(server.password)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")
    data, log = folder / "data", folder / "log"
    setup = [BINARIES[-1] / "initdb", "-D", data, "-U", "housing", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"]
    control = [BINARIES[-1] / "pg_ctl", "-D", data, "-w", "-s"]
    options = f"-c listen_addresses=127.0.0.1 -p {server.port} -k {folder} -F"
    try:
        as_owner(folder, *setup, f"--pwfile={folder / 'password'}")
        as_owner(folder, *control, "-l", log, "-o", options, "start")
        yield server
        as_owner(folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def price(spark: SparkSession) -> Callable[..., None]:
    """Appends the predictions of a scoring run; its passport too, unless the run does not finish."""
    table = predictions_table(load_contract("market"))

    def append_run(warehouse: Warehouse, run: str, rows: int, *, is_finished: bool = True) -> None:
        key = F.lpad(F.hex("id"), 32, "0")
        prices = {
            "prediction": F.col("id") / 3,
            "prediction_lower": F.col("id") / 4,
            "prediction_upper": F.col("id") / 2,
        }
        names = {
            "prediction_id": F.concat(F.lit(f"{run}-"), key), "row_key": key, "sale_id": F.col("id"),
            "split": F.when(F.col("id") % 5 == 0, "test"), "model_name": F.lit("it's a \\ \t model"),
            "model_version": F.lit(1), "content_hash": key, "scoring_run_id": F.lit(run),
            "scored_at": F.current_timestamp(),
        }  # fmt: skip
        others = {name: F.lit(None) for name in table.columns if name not in (*prices, *names)}
        frame = table.select(spark.range(rows).withColumns({**prices, **names, **others}))
        append(frame, Target(table, warehouse, run))
        if is_finished:
            passport = dict.fromkeys(SCORING_RUNS.columns) | {"scoring_run_id": run, "scored_at": datetime.now(UTC)}
            _append_row(warehouse, SCORING_RUNS, passport, f"passport-{run}")
            _append_row(warehouse, JOB_RUNS, dict.fromkeys(JOB_RUNS.columns) | {"job": "score"}, f"job-{run}")

    return append_run


def _append_row(warehouse: Warehouse, table: Any, row: dict[str, Any], identity: str) -> None:
    rows = warehouse.spark.createDataFrame([tuple(row.values())], table.schema)
    append(rows, Target(table, warehouse, identity))


def rows_of(url: str, query: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///")).execute(query).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()
