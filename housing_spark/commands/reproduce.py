"""Making old predictions again as a command."""

from dataclasses import asdict
from typing import Annotated

import typer

from housing_spark import operations, progress
from housing_spark.commands.arguments import Dataset, Debug, Env, Json, Sets, SparkConf, WarehouseAt, example
from housing_spark.errors import ConfigurationError, TableDamagedError
from housing_spark.launch import Options, open_run

app = typer.Typer()
_DEEP_BOUND = 1e-9


@app.command(epilog=example("housing reproduce --dataset ames --sample 100"))
def reproduce(
    prediction_id: Annotated[str | None, typer.Argument(help="Of the table predictions.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, max=100_000, help="So many of all, chosen by hash.")] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Train their models again too.")] = False,
    dataset: Dataset = "ames",
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Make predictions again as their passports say, and compare: equal to the last bit, with --deep within 1e-9."""
    if (prediction_id is None) == (sample is None):
        raise ConfigurationError("E-CLI-012", "reproduce: give a PREDICTION_ID or --sample N")
    options = Options(dataset, None, env, warehouse, sets, spark_conf)
    with open_run(options) as run, progress.working_on("reproduce"):
        made = operations.reproduce(run, prediction_id, sample or 1, is_deep=deep)
    if json:
        progress.print_json([asdict(one) for one in made])
    else:
        names = ("scoring run", "model version", "predictions", "differing", "largest difference", "features", "model")
        progress.show_rows(names, [
            (one.scoring_run_id, one.model_version, one.predictions, one.differing, f"{one.largest_difference:.1e}",
             "described again" if one.is_described_again else "as stored", "trained again" if deep else "as registered")
            for one in made
        ])  # fmt: skip
    bad = [one for one in made if one.largest_difference > _DEEP_BOUND or (one.differing and not deep)]
    if bad:
        raise TableDamagedError(
            "E-REPRO-005", f"{bad[0].differing} of {bad[0].predictions} predictions of scoring run "
            f"{bad[0].scoring_run_id} differ by up to {bad[0].largest_difference:.1e}; see housing verify"
        )  # fmt: skip
