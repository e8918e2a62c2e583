"""Looking at a model: its report."""

from typing import Annotated

import typer

from housing_spark import operations, progress, reporting
from housing_spark.commands.arguments import Dataset, Debug, Env, Json, Sets, SparkConf, WarehouseAt, example
from housing_spark.launch import Options, open_run

app = typer.Typer()


@app.command(epilog=example("housing report --dataset ames --open"))
def report(
    dataset: Dataset = "ames",
    model_version: Annotated[int | None, typer.Option(min=1, help="Version; by default the newest.")] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Also open it in the browser.")] = False,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Print where the report of a model is: how wrong it is, where, and whether to trust its range."""
    options = Options(dataset, None, env, warehouse, sets, spark_conf)
    with open_run(options) as run, progress.working_on("report"):
        page = operations.report(run, model_version)
        if open_page:
            reporting.open_report(run, page)
    if json:
        progress.print_json({"report": page})
    else:
        progress.print_text(page)
