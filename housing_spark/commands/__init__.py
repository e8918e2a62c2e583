"""The commands: each turns its arguments into a run or a question, and shows one result."""

import typer

from housing_spark.commands import care, evaluate, explain, export, models, notebook, reproduce, setup, stages, tables

app = typer.Typer(
    name="housing",
    help="House prices on Spark, from raw rows to versioned predictions.",
    epilog="Start with: housing run. Every command has --help with an example.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _room in (stages, evaluate, models, explain, reproduce, care, tables, export, notebook, setup):
    app.add_typer(_room.app)
app.add_typer(setup.contracts, name="contract")

__all__ = ["app"]
