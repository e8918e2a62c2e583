"""The options that commands share: one meaning and one help text each."""

from typing import Annotated

import typer

Dataset = Annotated[str, typer.Option(help="A contract: ames, california, market, or the path of your own.")]
Input = Annotated[str | None, typer.Option(help="File or folder of rows; by default the contract's own.")]
Env = Annotated[str, typer.Option(help="Settings to lay over the defaults: conf/<env>.yaml.")]
WarehouseAt = Annotated[str | None, typer.Option(help="Folder or URI of the tables; by default ./warehouse.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a setting: section.key=value; repeatable (see housing config)."),
]
SparkConf = Annotated[list[str] | None, typer.Option(help="Change a Spark setting: key=value; repeatable.")]
Full = Annotated[bool, typer.Option("--full", help="Recompute instead of adding.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON line with the result on standard output.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show stack traces.")]


def example(command: str) -> str:
    """The last line of a command's help."""
    return f"Example: {command}"
