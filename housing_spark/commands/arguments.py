"""The options that commands share: one meaning and one help text each."""

from typing import Annotated

import typer

Dataset = Annotated[str, typer.Option(help="A shipped contract's name, or the path of a contract.")]
Input = Annotated[str | None, typer.Option(help="File or folder of new rows.")]
Env = Annotated[str, typer.Option(help="Overlay conf/<env>.yaml.")]
WarehouseAt = Annotated[str | None, typer.Option(help="Folder or URI of the tables.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="section.key=value; repeatable.")]
SparkConf = Annotated[list[str] | None, typer.Option(help="key=value; repeatable.")]
Full = Annotated[bool, typer.Option("--full", help="Recompute instead of adding.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON line with the result on standard output.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show stack traces.")]
