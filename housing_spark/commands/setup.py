"""What is set before anything runs: settings and contracts."""

import typer
import yaml

from housing_spark import progress
from housing_spark.commands.arguments import Debug, Env, Sets, example
from housing_spark.contract import contract_hash, load_contract
from housing_spark.launch import Options
from housing_spark.settings import masked_settings

app = typer.Typer()
contracts = typer.Typer(no_args_is_help=True, help="Look at dataset contracts.")


@app.command(epilog=example("housing config --set search.parallelism=4"))
def config(env: Env = "local", sets: Sets = None, debug: Debug = False) -> None:  # noqa: ARG001  # read by main
    """Print the effective settings, secrets masked."""
    settings = Options(env=env, overrides=sets).settings()
    progress.print_text(yaml.safe_dump(masked_settings(settings), sort_keys=False).rstrip())


@contracts.command(epilog=example("housing contract check my_town.yaml"))
def check(file: str, debug: Debug = False) -> None:  # noqa: ARG001  # read by main
    """Report every mistake in a contract, by key path, without starting Spark."""
    contract = load_contract(file)
    progress.print_text(
        f"{file}: {contract.dataset}, {len(contract.columns)} columns, hash {contract_hash(contract)}: ok"
    )
