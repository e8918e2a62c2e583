"""Judging a model: its figures, and studies of it."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from housing_spark import measuring, operations, pipeline, progress
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
from housing_spark.commands.stages import run_stages
from housing_spark.errors import ConfigurationError
from housing_spark.evaluation import report
from housing_spark.launch import Options, open_run
from housing_spark.tables import Run, StageReport

app = typer.Typer()


@app.command(epilog=example("housing evaluate --dataset ames --studies"))
def evaluate(
    dataset: Dataset = "ames",
    input: Input = None,  # the option's name
    validation: Annotated[
        bool, typer.Option("--validation", help="Study: test rows at random, the newest, and whole blocks of the map.")
    ] = False,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Study: more and more of the training rows.")
    ] = False,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Study: without each family of features, the raw columns, other clips.")
    ] = False,
    studies: Annotated[bool, typer.Option("--studies", help="All three studies.")] = False,
    model_version: Annotated[int | None, typer.Option(min=1, help="Of a study; by default the newest.")] = None,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    full: Full = False,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Judge the newest model on every row it was made with; with an option, study a model that was judged."""
    asked = {"validation": validation, "learning_curve": learning_curve, "ablation": ablation}
    names = [name for name, is_asked in asked.items() if is_asked or studies]
    if model_version is not None and not names:
        raise ConfigurationError("E-CLI-010", f"--model-version {model_version}: belongs to a study; add --studies")
    with open_run(Options(dataset, input, env, warehouse, sets, spark_conf, full)) as run:
        if not names:
            run_stages([("evaluate", pipeline.evaluate)], run, as_json=json)
            return
        with progress.working_on(", ".join(names)):
            reports = operations.study(run, names, model_version)
        _show(run, reports, as_json=json)


def _show(run: Run, reports: list[StageReport], *, as_json: bool) -> None:
    found = measuring.find_studies(run, reports[0].details["version"])
    told = {one.job.removeprefix("study "): found[one.job.removeprefix("study ")] for one in reports}
    if as_json:
        rows = {name: [asdict(fit) for fit in fits] for name, fits in told.items()}
        result: dict[str, Any] = {"run_id": run.run_id, "stages": [asdict(one) for one in reports], "studies": rows}
        progress.print_json(result)
        return
    progress.show_stages(reports)
    for name, fits in told.items():
        progress.say(f"{name.replace('_', ' ')}, RMSE and MAE in {run.contract.currency}:")
        progress.show_texts(*report.study_table(name, fits))
    for sentence in report.gap_words(told.get("validation", ())):
        progress.say(sentence)
    progress.say(f"Report: {reports[-1].details['report']}")
