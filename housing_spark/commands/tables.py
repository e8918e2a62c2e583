"""The tables as commands: make a market, ask in SQL, measure the data."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from housing_spark import operations, progress, views
from housing_spark.commands.arguments import Dataset, Debug, Env, Json, Sets, SparkConf, WarehouseAt, example
from housing_spark.launch import Options, open_run, open_session, warehouses
from housing_spark.serving import load_questions
from housing_spark.sources import DIRT, LEAKS, Planted, kinds_of

app = typer.Typer()
_SHOWN_ROWS = 100


@app.command(epilog=example("housing generate --rows 100000 --output market_csv"))
def generate(
    rows: Annotated[int, typer.Option(help="Sales to make.")],
    output: Annotated[str, typer.Option(help="New folder for the files.")],
    seed: Annotated[int, typer.Option(help="Another seed is another market.")] = 7,
    file_format: Annotated[str, typer.Option("--format", help="csv, json, parquet or delta.")] = "csv",
    leak: Annotated[str | None, typer.Option(help=f"Plant leaks: {', '.join(LEAKS)} or all (docs/leakage.md).")] = None,
    dirt: Annotated[str | None, typer.Option(help=f"Spoil rows: {', '.join(DIRT)} or all (docs/quality.md).")] = None,
    dirt_share: Annotated[float, typer.Option(help="Share of the rows for each kind of dirt.")] = 0.01,
    drift: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on homes are larger and prices lower.")
    ] = None,
    env: Env = "local",
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Write a synthetic market whose true prices are known."""
    leaks, spoiled = kinds_of("--leak", leak, LEAKS), kinds_of("--dirt", dirt, DIRT)
    planted = Planted(rows, seed, leaks, spoiled, dirt_share, drift.date() if drift else None)
    with progress.working_on("generate"):
        spark = open_session("housing generate", Options(env=env).settings())
        operations.generate(spark, planted, output=output, file_format=file_format)
    progress.say(f"{rows:,} sales are in {output}; true_price is the price without noise")


@app.command(epilog=example("housing sql 'select * from ames.predictions_latest limit 10'"))
def sql(
    statement: Annotated[str | None, typer.Argument(help="For example: select * from ames.predictions")] = None,
    ddl: Annotated[bool, typer.Option("--ddl", help="Print the statements that name tables and questions.")] = False,
    questions: Annotated[bool, typer.Option("--list", help="Print the questions that are there as views.")] = False,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Ask the tables and views; every dataset of the warehouse is known by name. Shows at most 100 rows."""
    if questions:
        progress.show_rows(("view", "question"), [(question.name, question.asks) for question in load_questions()])
        return
    settings = Options(env=env, warehouse=warehouse).settings()
    found = warehouses(open_session("housing sql", settings), settings)
    if ddl or statement is None:
        for one in found:
            progress.print_text(";\n".join(views.register(one)) + ";")
        return
    answer = operations.query(found, statement)
    shown = answer.limit(_SHOWN_ROWS).collect()
    if json:
        progress.print_json([row.asDict(recursive=True) for row in shown])
    else:
        progress.show_rows(answer.columns, shown)


@app.command(epilog=example("housing profile --dataset ames"))
def profile(
    dataset: Dataset = "ames",
    output: Annotated[str | None, typer.Option(help="Folder for the page; by default beside the tables.")] = None,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Measure the clean rows: gaps, distributions, correlations, and a quality score; prints where the page is."""
    options = Options(dataset, None, env, warehouse, sets, spark_conf)
    with open_run(options) as run, progress.working_on("profile"):
        surveyed = operations.profile(run, output)
    if json:
        progress.print_json(asdict(surveyed))
    else:
        progress.say(f"Quality score {surveyed.score:.1%} of {surveyed.rows:,} rows")
        progress.print_text(str(surveyed.page))
