"""Asking why: the reasons behind prices."""

from typing import Annotated, Any

import typer

from housing_spark import explaining, progress
from housing_spark.commands.arguments import Dataset, Debug, Env, Json, Sets, SparkConf, WarehouseAt, example
from housing_spark.launch import Options, open_run

app = typer.Typer()
_FIRST_SOURCES = 15


@app.command(epilog=example("housing explain --dataset market --row 17"))
def explain(
    dataset: Dataset = "ames",
    row: Annotated[str | None, typer.Option(help="One home: its key, or row_key; nothing is written.")] = None,
    full: Annotated[bool, typer.Option("--full", help="All rows, not a sample of them.")] = False,
    env: Env = "local",
    warehouse: WarehouseAt = None,
    sets: Sets = None,
    spark_conf: SparkConf = None,
    json: Json = False,
    debug: Debug = False,  # noqa: ARG001  # read by main
) -> None:
    """Say what adds up to the champion's prices, in currency: of one home, or of many in table explanations."""
    options = Options(dataset, None, env, warehouse, sets, spark_conf)
    with open_run(options) as run, progress.working_on("explain"):
        if row is not None:
            home = explaining.explain_home(run, row)
        else:
            report = explaining.explain(run, is_every_row=full)
            details = report.details
    if row is not None:
        show_home(home, run.contract.currency, as_json=json)
    elif json:
        progress.print_json({"job": report.job, "status": report.status, "rows": report.rows_out} | details)
    else:
        progress.show_stages([report])
        show_importance("what moves prices", "mean size", details["importance"], run.contract.currency)
        show_importance(
            "what errors grow by", "RMSE where it is swapped", details["permutation"], run.contract.currency
        )
        progress.say(
            f"Base and contributions are at most {details['largest_difference']:.1e} away from a price, relative"
        )
        progress.say(f"Next: housing sql 'from {run.contract.dataset}.explanations'")


def show_importance(title: str, measure: str, sizes: dict[str, float], currency: str) -> None:
    """Print the sources that count most."""
    if sizes:
        rows = [(source, f"{size:,.0f}") for source, size in list(sizes.items())[:_FIRST_SOURCES]]
        progress.show_rows((title, f"{measure}, {currency}"), rows)


def show_home(home: dict[str, Any], currency: str, *, as_json: bool) -> None:
    """Print the reasons behind one home's price."""
    if as_json:
        progress.print_json(home)
        return
    progress.say(f"Version {home['model_version']} prices this home at {home['prediction']:,.0f} {currency}:")
    rows = [("a home of which nothing is known", "", f"{home['base_price']:,.0f}")]
    rows += [(one["feature"], one["value"] or "", f"{one['contribution']:+,.0f}") for one in home["reasons"]]
    progress.show_rows(("because of", "value", currency), [*rows, ("price", "", f"{home['prediction']:,.0f}")])
    if home["comparable_sales"]:
        progress.say("Training sales that are priced for the same reasons:")
        shown = [
            (one["key"], f"{one['price']:,.0f}", _away(one["distance"]), one["sold_at"] or "")
            for one in home["comparable_sales"]
        ]
        progress.show_rows(("sale", currency, "distance", "when"), shown)


def _away(distance: float | None) -> str:
    return "" if distance is None else f"{distance:,.1f}"
