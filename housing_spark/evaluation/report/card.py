"""The model card: use, limits, data, budget and lineage, from the record that travels with the model.

After Mitchell et al., Model Cards for Model Reporting, 2019.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from housing_spark.evaluation.report.data import Data
from housing_spark.evaluation.report.facts import Errors, TrialLoss
from housing_spark.pages import FactTable
from housing_spark.pages.words import amount, percent

_SHORT = 12
_NOT_FOR = (
    "Homes outside the ranges below; other places, times or kinds of sale; a legal or lending appraisal that no person "
    "checks; statements about what causes a price."
)
_CAPPED = "the model cannot tell dear homes apart above it, and its error there is not known."
Record = dict[str, Any]


def model_card(
    record: Record, data: Data, errors: Errors, trials: Sequence[TrialLoss], names: dict[str, str]
) -> tuple[FactTable, ...]:
    """The tables of the card.

    Args:
        record: The model's record: contract, settings, winner, provenance.
        data: The rows it was made from.
        errors: Its errors on test rows.
        trials: The search.
        names: Facts of the registry: model, version, MLflow run, hash of the folder.
    """
    gaps = tuple((name, percent(share)) for name, share in data.missing)
    tables = [
        FactTable("Use and limits", (), tuple(_limits(record, data, errors))),
        _parts(data, record["contract"]["currency"]),
        FactTable("Training", (), tuple(_training(record, data, trials))),
        FactTable("Lineage", (), tuple(_lineage(record, names))),
    ]  # fmt: skip
    if gaps:
        tables.append(FactTable(f"Columns with missing values ({len(gaps)})", ("column", "missing"), gaps, True))
    return tuple(tables)


def _limits(record: Record, data: Data, errors: Errors) -> Iterator[tuple[str, str]]:
    contract, trained, tested = record["contract"], data.parts[0], data.parts[-1]
    prices = f"{amount(trained.lowest)} to {amount(trained.highest, contract['currency'])}"
    yield "For", f"Estimating {contract['label']} of homes like those described here: {contract['description']}"
    yield "Not for", _NOT_FOR
    yield "Prices", f"Trained on {prices}. Near the ends and beyond, few or no rows support a price."
    if trained.first:
        spans = f"Trained on {trained.first} to {trained.last}, tested on {tested.first} to {tested.last}"
        yield "Time", f"{spans}. It knows nothing of the market after that."
    if data.extent:
        (x_low, x_high, y_low, y_high), names = data.extent, contract["location"]
        x, y = names["longitude"] or names["x"], names["latitude"] or names["y"]
        yield "Place", f"{x} {x_low:g} to {x_high:g}, {y} {y_low:g} to {y_high:g}."
    if contract["label_cap"] is not None:
        at = (
            f"{amount(contract['label_cap'], contract['currency'])} ({percent(errors.capped / errors.rows)} of the test"
        )
        yield "Cap", f"Prices recorded at or above {at} rows) mean 'that or more': {_CAPPED}"


def _parts(data: Data, currency: str) -> FactTable:
    """A line per part; without event times there are no days to tell."""
    has_days = any(part.first for part in data.parts)
    header = ("part", "rows", *(f"{kind} price, {currency}" for kind in ("lowest", "median", "highest")))
    rows = []
    for part in data.parts:
        prices = (amount(value) for value in (part.lowest, part.median, part.highest))
        days = (part.first or "", part.last or "") if has_days else ()
        rows.append((part.name, f"{part.rows:,}", *prices, *days))
    return FactTable("Data", (*header, *(("first", "last") if has_days else ())), tuple(rows))


def _training(record: Record, data: Data, trials: Sequence[TrialLoss]) -> Iterator[tuple[str, str]]:
    settings, winner = record["settings"], record["winner"]
    search, training = settings["search"], settings["training"]
    counts = (f"{name} {sum(trial.estimator == name for trial in trials)}" for name in training["candidates"])
    seconds = sum(trial.seconds for trial in trials)
    yield "Winner", f"{winner['estimator']}, trial {winner['number']}"
    if len(weights := record.get("blend", {})) > 1:
        yield "Blend", ", ".join(f"trial {number} {percent(weight, 0)}" for number, weight in weights.items())
    yield "Parameters", ", ".join(f"{name} {_value(value)}" for name, value in sorted(winner["parameters"].items()))
    yield "Search", f"{search['method']}, {len(trials)} trials ({', '.join(counts)}), {seconds:,.0f} seconds of fitting"
    yield "Chosen by", f"RMSE on {data.rows['validation']:,} validation rows ({training['validation']})"
    yield "Range", f"calibrated on {record['interval']['rows']:,} rows for {percent(record['interval']['level'], 0)}"
    yield "Seed and salt", f"{training['seed']}, {settings['split']['salt']}"


def _lineage(record: Record, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    code = record["provenance"]
    state = " with uncommitted changes" if code["is_dirty"] else ""
    yield from names.items()
    yield "Tables", ", ".join(f"{record['dataset']}.{name} version {at}" for name, at in record["tables"].items())
    yield "Contract hash", record["contract_hash"]
    yield "Code", f"git {code['git_commit']}{state}" if code["git_commit"] else "not from a checkout"
    yield "Lock file", f"sha256 {code['lock_sha256'][:_SHORT]}" if code["lock_sha256"] else "none"
    yield "Packages", ", ".join(f"{name} {version}" for name, version in code["packages"].items())


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
