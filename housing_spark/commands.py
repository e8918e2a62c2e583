"""The commands: each turns its arguments into a run, and shows one result."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
import yaml

from housing_spark import operations, pipeline, progress
from housing_spark.contract import contract_hash, load_contract
from housing_spark.errors import GateRefusedError
from housing_spark.launch import Options, open_run, open_session, warehouses
from housing_spark.settings import masked_settings
from housing_spark.tables import Run, StageReport, table_ddl

app = typer.Typer(name="housing", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
contracts = typer.Typer(no_args_is_help=True, help="Look at dataset contracts.")
app.add_typer(contracts, name="contract")

Dataset = Annotated[str, typer.Option(help="A shipped contract's name, or the path of a contract.")]
Input = Annotated[str | None, typer.Option(help="File or folder of new rows.")]
Env = Annotated[str, typer.Option(help="Overlay conf/<env>.yaml.")]
WarehouseAt = Annotated[str | None, typer.Option(help="Folder or URI of the tables.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="section.key=value; repeatable.")]
SparkConf = Annotated[list[str] | None, typer.Option(help="key=value; repeatable.")]
Full = Annotated[bool, typer.Option("--full", help="Recompute instead of adding.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON line with the result on standard output.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show stack traces.")]
_SHOWN_ROWS = 100
_FIRST_PREDICTIONS = 5
_PRICES = ("prediction", "prediction_lower", "prediction_upper")


def _stages_command(stages: Sequence[tuple[str, Callable[[Run], StageReport]]]) -> Callable[..., None]:
    def command(
        dataset: Dataset = "ames",
        input: Input = None,  # the option's name
        env: Env = "local",
        warehouse: WarehouseAt = None,
        sets: Sets = None,
        spark_conf: SparkConf = None,
        full: Full = False,
        json: Json = False,
        debug: Debug = False,  # noqa: ARG001  # read by main
    ) -> None:
        options = Options(dataset, input, env, warehouse, tuple(sets or ()), tuple(spark_conf or ()), full)
        with open_run(options) as run:
            _show(run, [_run_stage(name, stage, run) for name, stage in stages], as_json=json)

    return command


for _name, _stage in pipeline.STAGES:
    if _name not in ("promote", "score"):
        app.command(_name, help=_stage.__doc__)(_stages_command([(_name, _stage)]))
app.command("run", help="Every stage in order.")(_stages_command(pipeline.STAGES))


@app.command()
def promote(
    dataset: Dataset = "ames",
    rollback: Annotated[bool, typer.Option("--rollback", help="Back to the champion before.")] = False,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Make the newest model champion if it passes the gate."""
    options = Options(dataset, None, env, warehouse, tuple(sets or ()), tuple(spark_conf or ()))
    with open_run(options) as run:
        report = _run_stage("promote", operations.roll_back if rollback else pipeline.promote, run)
        _show(run, [report], as_json=json)
        if report.details.get("refused"):
            raise GateRefusedError("E-GATE-002", _refusal(report))


@app.command()
def score(
    dataset: Dataset = "ames",
    input: Input = None,  # the option's name
    export: Annotated[str | None, typer.Option(help="Also write the predictions as this CSV file.")] = None,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Price rows with the champion; with --input, new rows, which need no label."""
    options = Options(
        dataset, input, env, warehouse, tuple(sets or ()), tuple(spark_conf or ()), is_label_optional=True
    )
    names = ("ingest", "clean", "features", "score") if input else ("score",)
    with open_run(options) as run:
        reports = [_run_stage(name, stage, run) for name, stage in pipeline.STAGES if name in names]
        _show(run, reports, as_json=json)
        predictions = operations.predictions_of(run, reports[-1].details["scoring_run_id"])
        if not json:
            shown = predictions.select(*(run.contract.key or ("row_key",)), *_PRICES)
            progress.show_rows(shown.columns, shown.limit(_FIRST_PREDICTIONS).collect())
        if export:
            rows = operations.export_predictions(predictions, export)
            progress.say(f"{rows:,} predictions are in {export}")


@app.command()
def generate(
    rows: Annotated[int, typer.Option(help="Sales to make.")],
    output: Annotated[str, typer.Option(help="New folder for the CSV files.")],
    seed: Annotated[int, typer.Option(help="Another seed is another market.")] = 7,
    env: Env = "local",
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Write a synthetic market whose true prices are known."""
    spark = open_session("housing generate", Options(env=env).settings())
    operations.generate(spark, rows=rows, seed=seed, output=output)
    progress.say(f"{rows:,} sales are in {output}; true_price is the price without noise")


@app.command()
def sql(
    statement: Annotated[str | None, typer.Argument(help="For example: select * from ames.predictions")] = None,
    ddl: Annotated[bool, typer.Option("--ddl", help="Print the statements that register the tables.")] = False,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Ask the tables; every dataset of the warehouse is known by name. Shows at most 100 rows."""
    settings = Options(env=env, warehouse=warehouse).settings()
    found = warehouses(open_session("housing sql", settings), settings)
    if ddl or statement is None:
        for one in found:
            progress.print_text(";\n".join(table_ddl(one)) + ";")
        return
    answer = operations.query(found, statement)
    shown = answer.limit(_SHOWN_ROWS).collect()
    if json:
        progress.print_json([row.asDict(recursive=True) for row in shown])
    else:
        progress.show_rows(answer.columns, shown)


@app.command()
def config(env: Env = "local", sets: Sets = None, debug: Debug = False) -> None:  # noqa: ARG001  # read by main
    """Print the effective settings, secrets masked."""
    settings = Options(env=env, overrides=tuple(sets or ())).settings()
    progress.print_text(yaml.safe_dump(masked_settings(settings), sort_keys=False).rstrip())


@contracts.command()
def check(file: str, debug: Debug = False) -> None:  # noqa: ARG001  # read by main
    """Report every mistake in a contract, by key path, without starting Spark."""
    contract = load_contract(file)
    progress.print_text(
        f"{file}: {contract.dataset}, {len(contract.columns)} columns, hash {contract_hash(contract)}: ok"
    )


def _run_stage(name: str, stage: Callable[[Run], StageReport], run: Run) -> StageReport:
    with progress.working_on(name):
        return stage(run)


def _show(run: Run, reports: Sequence[StageReport], *, as_json: bool) -> None:
    if as_json:
        result: dict[str, Any] = {"run_id": run.run_id, "tables": run.warehouse.location}
        progress.print_json(result | {"stages": [asdict(report) for report in reports]})
        return
    progress.show_stages(reports)
    for report in reports:
        if "test" in report.details:
            progress.show_headline(report.details["test"], run.contract.currency)
        if report.details.get("refused"):
            progress.say(_refusal(report))
    progress.say(
        f"Tables: {run.warehouse.location}   Ask them with: housing sql 'from {run.contract.dataset}.predictions'"
    )


def _refusal(report: StageReport) -> str:
    details = report.details
    return (
        f"model version {details['candidate']} is not promoted: {', '.join(details['refused'])} "
        f"(values in promotion_decisions); champion: {details['champion'] or 'none'}"
    )
