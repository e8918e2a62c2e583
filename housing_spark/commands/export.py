"""Predictions for other systems."""

from dataclasses import asdict
from typing import Annotated

import typer

from housing_spark import exports, progress
from housing_spark.commands.arguments import Dataset, Debug, Env, Json, Sets, SparkConf, WarehouseAt, example
from housing_spark.contract import load_contract
from housing_spark.launch import Options, open_session
from housing_spark.serving import check_table_name, connect
from housing_spark.tables import Warehouse

app = typer.Typer()


@app.command(epilog=example("housing export --dataset ames --to postgresql://analyst@localhost:5432/prices"))
def export(
    to: Annotated[str, typer.Option(help="postgresql://user@host:port/database or sqlite:///file.db")],
    dataset: Dataset = "ames",
    table: Annotated[
        str | None, typer.Option(help="Its table; <dataset>_predictions, or <dataset>_predictions_all.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Every prediction, not the newest of each home.")] = False,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Bring a database's table up to date with the newest price of each home; again: nothing changes."""
    settings = Options(env=env, warehouse=warehouse, overrides=sets).settings()
    name = load_contract(dataset).dataset
    target = table or f"{name}_predictions{'_all' if all else ''}"
    check_table_name(target)
    with connect(to) as database, progress.working_on(f"export to {database.label}"):
        spark = open_session(f"housing export {name}", settings, spark_conf)
        source = Warehouse(spark, settings.warehouse, name, settings.catalog)
        loaded = exports.export_to_database(source, database, target, is_all=all)
    if json:
        progress.print_json({"to": database.label, "table": target, **asdict(loaded)})
        return
    counts = ", ".join(f"{count:,} {name}" for name, count in asdict(loaded).items())
    progress.say(f"{sum(asdict(loaded).values()):,} predictions to {database.label}, table {target}: {counts}")
