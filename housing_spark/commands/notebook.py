"""Notebooks without Databricks."""

from pathlib import Path
from typing import Annotated

import typer

from housing_spark import notebooks, progress
from housing_spark.commands.arguments import Debug, Env, example
from housing_spark.errors import ConfigurationError
from housing_spark.launch import Options, open_session

app = typer.Typer()


@app.command(epilog=example("housing notebook notebooks/01_explore.py"))
def notebook(
    file: Annotated[str, typer.Argument(help="For example notebooks/01_explore.py")],
    widgets: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Values of widgets.")] = None,
    output: Annotated[Path, typer.Option(help="Folder for figures.")] = Path("notebook_output"),
    env: Env = "local",
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Run a notebook from top to bottom on this machine."""
    values = dict(_named(text) for text in widgets or ())
    notebooks.read_cells(file)
    settings = Options(env=env, warehouse=values.get("warehouse")).settings()
    shown = notebooks.run_notebook(file, open_session(f"housing notebook {file}", settings), values, output)
    progress.say(f"{file}: done, {len(shown.rows)} tables and {len(shown.figures)} figures shown")


def _named(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise ConfigurationError("E-NB-004", f"{text}: expected NAME=VALUE")
    return name, value
