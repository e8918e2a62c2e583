"""Damage to tables is found, and what killed runs leave is told."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from housing_spark import diagnosing, operations
from housing_spark.errors import InputRefusedError, TableDamagedError
from housing_spark.provenance import command_line
from housing_spark.tables import Run, check_logs, hashed
from housing_spark.tables.files import current_files
from tests.pipeline.conftest import again
from tests.pipeline.folders import failed, folder, forget_crc, log


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda run: tear(log(run, "clean", 0)), "E-TABLE-001"),
        (lambda run: log(run, "trials", run.warehouse.version("trials")).unlink(), "E-TABLE-004"),
        (lambda run: log(run, "clean", 0).with_suffix(".checkpoint.parquet").touch(), "E-TABLE-005"),
        (lambda run: log(run, "clean", 0).with_suffix(".checkpoint.parquet").write_bytes(b"PAR1 half"), "E-TABLE-005"),
        (lambda run: shutil.rmtree(folder(run) / "predictions" / "_delta_log"), "E-TABLE-006"),
        (lambda run: shutil.rmtree(folder(run) / "job_runs" / "_delta_log"), "E-TABLE-006"),
    ],
    ids=["torn commit", "lost commit", "empty checkpoint", "torn checkpoint", "lost log", "lost record"],
)
def test_a_damaged_log_stops_a_command_before_it_writes(
    market_copy: Any, damage: Callable[[Run], Any], code: str
) -> None:
    run, _ = market_copy
    damage(run)
    with pytest.raises(TableDamagedError, match=code):
        check_logs(again(run, "next"))


def tear(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    forget_crc(file)


def test_verify_finds_a_flipped_bit_a_lost_file_and_a_foreign_one(market_copy: Any) -> None:
    run, _ = market_copy
    flipped, lost, foreign = (
        folder(run) / current_files(run.warehouse, name)[0] for name in ("clean", "features", "model_metrics")
    )
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(bytes(content))
    shutil.copyfile(flipped, foreign)
    lost.unlink()
    for file in (flipped, foreign):
        forget_crc(file)
    found = failed(again(run, "verify"))
    assert "1 of 1 files are not as they were written: clean/part-" in found["clean", "files"]
    assert "are missing: features/part-" in found["features", "files"]
    assert "not as they were written: model_metrics/part-" in found["model_metrics", "files"]


def test_a_record_names_the_hash_of_every_file(market: Any) -> None:
    run = market[0]
    recorded = run.warehouse.read("job_runs").where("job = 'clean'").select(F.explode("files")).collect()
    found = {row["file"]: row["sha256"] for row in hashed(run.warehouse, [row["key"] for row in recorded]).collect()}
    assert found == {row["key"]: row["value"] for row in recorded}
    assert {name.split("/")[0] for name in found} == {"clean", "quality_results"}


def test_doctor_tells_what_killed_runs_left(market_copy: Any) -> None:
    run, _ = market_copy
    assert diagnosing.diagnose(again(run, "well")) == []
    stray = folder(run) / "clean" / "part-00000-stray.snappy.parquet"
    shutil.copyfile(folder(run) / current_files(run.warehouse, "clean")[0], stray)
    (folder(run) / "_checkpoints" / "killed").mkdir(parents=True)
    shutil.rmtree(folder(run) / "scoring_runs")
    found = {one.object.split()[0]: one.way_out for one in diagnosing.diagnose(again(run, "ill"))}
    assert "housing maintain" in found["clean"]
    assert found["scoring"] == "housing score finishes it"
    assert found["_checkpoints/killed"] == "delete it when no run is at work"


def test_doctor_names_the_command_that_failed(market_copy: Any) -> None:
    run, _ = market_copy
    with pytest.raises(InputRefusedError):
        operations.withdraw(again(run, "failed"), "never-came")
    [symptom] = diagnosing.diagnose(again(run, "ill"))
    assert symptom.object == "job withdraw"
    assert "batch never-came does not wait" in symptom.found
    assert symptom.way_out == f"mend the cause, then again: {command_line()}"
