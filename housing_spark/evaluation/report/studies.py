"""What the studies of a model found, from their table: a few dozen figures."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

Interval = tuple[float, float, float]  # the figure, and the ends of its interval
_COMPARED = ("gap", "gain")


@dataclass(frozen=True)
class StudyFit:
    """One fit of a study.

    Attributes:
        fitted_at: When the study ended, UTC.
        name: What was different: the split, the share of the training rows, the features.
        training_rows: Rows it learned from.
        rows: Test rows.
        rmse: With its interval.
        mae: Mean absolute error.
        median_ape: Half of the rows are closer to their price.
        moran_i: Whether errors of neighbours go together, 0: not; ``None`` where homes have no place.
        compared: ``gap`` or ``gain`` with its interval; ``None`` for the fit that others are compared with.
    """

    fitted_at: datetime
    name: str
    training_rows: int
    rows: int
    rmse: Interval
    mae: float
    median_ape: float
    moran_i: float | None
    compared: Interval | None


Studies = dict[str, tuple[StudyFit, ...]]


def gather_studies(table: DataFrame, version: int) -> Studies:
    """The newest fits of each study of a version, by name of the study, in their order.

    Args:
        table: ``model_studies``; a version has a few rows there for each fit of each study.
        version: Of the model.
    """
    rows = table.where(F.col("model_version") == version).orderBy("fitted_at", "position").collect()
    newest = {row["study"]: row["fitted_at"] for row in rows}
    fits: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        if row["fitted_at"] == newest[row["study"]]:
            fits.setdefault((row["study"], row["variant"]), {})[row["metric"]] = row
    found: dict[str, list[StudyFit]] = {}
    for (study, variant), figures in fits.items():
        found.setdefault(study, []).append(_fit(variant, figures))
    return {study: tuple(found[study]) for study in sorted(found)}


def _fit(variant: str, figures: dict[str, Row]) -> StudyFit:
    rmse = figures["rmse"]
    compared = next((_interval(figures[name]) for name in _COMPARED if name in figures), None)
    return StudyFit(
        rmse["fitted_at"], variant, rmse["training_rows"], rmse["rows"], _interval(rmse), figures["mae"]["value"],
        figures["median_ape"]["value"], figures["moran_i"]["value"] if "moran_i" in figures else None, compared,
    )  # fmt: skip


def _interval(row: Row) -> Interval:
    return row["value"], row["low"], row["high"]
