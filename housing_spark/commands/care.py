"""Looking after the tables as commands."""

from collections.abc import Sequence
from dataclasses import asdict, astuple
from typing import Any

import typer

from housing_spark import diagnosing, maintaining, progress, verifying
from housing_spark.commands.arguments import Dataset, Debug, Env, Json, Sets, SparkConf, WarehouseAt, example
from housing_spark.commands.stages import run_stages
from housing_spark.errors import TableDamagedError
from housing_spark.launch import Options, open_run

app = typer.Typer()


@app.command(epilog=example("housing maintain --dataset ames"))
def maintain(
    dataset: Dataset = "ames",
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Bring files to a good size, and delete those that no model and no prediction needs any more."""
    with open_run(Options(dataset, None, env, warehouse, sets, spark_conf)) as run:
        run_stages([("maintain", maintaining.maintain)], run, as_json=json)


@app.command(epilog=example("housing verify --dataset ames"))
def verify(
    dataset: Dataset = "ames",
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Check that tables are what jobs recorded: versions, the bytes of every file, keys, and no row lost."""
    options = Options(dataset, None, env, warehouse, sets, spark_conf, is_checked=False)
    with open_run(options) as run, progress.working_on("verify"):
        findings = verifying.verify(run)
    _show(("table", "check", "passed", "detail"), findings, as_json=json)
    failed = [one for one in findings if not one.passed]
    if failed:
        raise TableDamagedError(
            "E-TABLE-007", f"{dataset}: {len(failed)} of {len(findings)} checks failed, first {failed[0].table} "
            f"{failed[0].check}: {failed[0].detail}"
        )  # fmt: skip


@app.command(epilog=example("housing doctor --dataset ames"))
def doctor(
    dataset: Dataset = "ames",
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Tell what killed runs left behind, and the way out: orphan files, working folders, unfinished runs."""
    with open_run(Options(dataset, None, env, warehouse, sets, spark_conf)) as run, progress.working_on("doctor"):
        symptoms = diagnosing.diagnose(run)
    _show(("object", "found", "way out"), symptoms, as_json=json)
    if not symptoms:
        progress.say("Nothing was left behind")


def _show(names: Sequence[str], rows: Sequence[Any], *, as_json: bool) -> None:
    if as_json:
        progress.print_json([asdict(row) for row in rows])
    elif rows:
        progress.show_rows(names, [astuple(row) for row in rows])
