"""The stages as commands: one stage, or every stage in order."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Annotated, Any

import typer

from housing_spark import exports, operations, pipeline, progress, registering
from housing_spark.commands.arguments import (
    Dataset,
    Debug,
    Env,
    Full,
    Input,
    Json,
    Sets,
    SparkConf,
    WarehouseAt,
    example,
)
from housing_spark.errors import GateRefusedError
from housing_spark.launch import Options, open_run
from housing_spark.tables import Run, StageReport

app = typer.Typer()
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
        options = Options(dataset, input, env, warehouse, sets, spark_conf, full)
        with open_run(options, operations.prepare if len(stages) > 1 else None) as run:
            run_stages(stages, run, as_json=json)

    return command


app.command(
    "run", help="Run every stage in order: files in, checked tables, a tuned model, priced homes out.",
    epilog=example("housing run --dataset california --input housing.csv"),
)(_stages_command(pipeline.STAGES))  # fmt: skip
for _name, _stage in pipeline.STAGES:
    if _name not in ("evaluate", "promote", "score"):
        _example = example(f"housing {_name} --dataset ames")
        app.command(_name, help=_stage.__doc__, epilog=_example)(_stages_command([(_name, _stage)]))


@app.command(epilog=example("housing promote --dataset ames --rollback"))
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
    options = Options(dataset, None, env, warehouse, sets, spark_conf)
    with open_run(options) as run:
        stage = operations.roll_back if rollback else pipeline.promote
        [report] = run_stages([("promote", stage)], run, as_json=json)
        if report.details.get("refused") and run.settings.gate.mode == "on":
            raise GateRefusedError("E-GATE-002", _refusal(run, report))


@app.command(epilog=example("housing withdraw --dataset ames"))
def withdraw(
    batch: Annotated[str | None, typer.Argument(help="By default the one that is waiting.")] = None,
    dataset: Dataset = "ames",
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Take a batch that clean refused out of raw, so that others can pass; its file may come again, mended."""
    options = Options(dataset, None, env, warehouse, sets, spark_conf)
    with open_run(options) as run:
        run_stages([("withdraw", partial(operations.withdraw, batch=batch))], run, as_json=json)


@app.command(epilog=example("housing score --dataset ames --input new_homes.csv --export prices.csv"))
def score(
    dataset: Dataset = "ames",
    input: Input = None,  # the option's name
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Price as if each home were sold on this day.")
    ] = None,
    export: Annotated[str | None, typer.Option(help="Also write the predictions as this CSV file.")] = None,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Price rows with the champion; with --input, new rows, which need no label."""
    day = as_of.date() if as_of else None
    options = Options(dataset, input, env, warehouse, sets, spark_conf, is_label_optional=True, valued_on=day)
    names = ("ingest", "clean", "features", "score") if input else ("score",)
    with open_run(options, operations.prepare) as run:
        registering.require_champion(run)  # before anything is written
        reports = run_stages([(name, stage) for name, stage in pipeline.STAGES if name in names], run, as_json=json)
        if "scoring_run_id" not in reports[-1].details:
            progress.say("Nothing new to price: every row has the champion's price already")
            return
        predictions = operations.predictions_of(run, reports[-1].details["scoring_run_id"])
        if not json:
            shown = predictions.select(*(run.contract.key or ("row_key",)), *_PRICES)
            progress.show_rows(shown.columns, shown.limit(_FIRST_PREDICTIONS).collect())
        if export:
            rows = exports.export_to_csv(predictions, export)
            progress.say(f"{rows:,} predictions are in {export}")


def run_stages(
    stages: Sequence[tuple[str, Callable[[Run], StageReport]]], run: Run, *, as_json: bool
) -> list[StageReport]:
    """Run the stages and show their reports: also those of the stages before one that fails."""
    reports: list[StageReport] = []
    try:
        for place, (name, stage) in enumerate(stages, 1):
            with progress.working_on(name, place, len(stages)):
                reports.append(stage(run))
    finally:
        if reports:
            _show(run, reports, as_json=as_json)
    if not as_json:
        progress.say(f"Next: {_next_step(run, reports[-1].job)}")
    return reports


def _show(run: Run, reports: Sequence[StageReport], *, as_json: bool) -> None:
    if as_json:
        result: dict[str, Any] = {"run_id": run.run_id, "tables": run.warehouse.location}
        progress.print_json(result | {"stages": [asdict(report) for report in reports]})
        return
    progress.show_stages(reports)
    for report in reports:
        if "test" in report.details:
            progress.show_headline(report.details["test"], run.contract.currency)
        if "report" in report.details:
            progress.say(f"Report: {report.details['report']}")
        if report.details.get("refused"):
            progress.say(_refusal(run, report))
    seconds, cores = sum(report.seconds for report in reports), run.spark.sparkContext.defaultParallelism
    progress.say(f"Took {seconds:,.0f} s on {cores} cores. Tables: {run.warehouse.location}")


def _next_step(run: Run, stage: str) -> str:
    dataset, names = run.contract.dataset, [name for name, _ in pipeline.STAGES]
    following = {"withdraw": "clean", **dict(pairwise(names))}
    if stage in following:
        return f"housing {following[stage]} --dataset {dataset}"
    return f"housing sql --list; housing sql 'from {dataset}.predictions'; housing export --dataset {dataset} --to …"


def _refusal(run: Run, report: StageReport) -> str:
    details = report.details
    failed = [rule for rule in details["refused"] if rule != "dry_run"]
    why = ", ".join(failed) or "a dry run, every rule passed"
    return (
        f"model version {details['candidate']} is not promoted: {why}; champion: "
        f"{details['champion'] or 'none'}; why: housing sql 'from {run.contract.dataset}.gate_decisions'"
    )
