"""What is measured of a model, as rows of ``model_metrics``, and what studies of it found."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from housing_spark import evaluation, judging
from housing_spark.contract import Contract
from housing_spark.evaluation import Autocorrelation, Ratios, report
from housing_spark.registry import RegisteredModel
from housing_spark.schemas.models import MODEL_METRICS
from housing_spark.schemas.studies import MODEL_STUDIES
from housing_spark.tables import Job, Run

_RATIOS = ("mean_log_ratio", "sd_log_ratio")
_CORRELATED = {"prediction": "moran", "ols": "moran_ols"}
Figure = dict[str, Any]
Slices = tuple[
    tuple[report.facts.Segment, ...], tuple[report.facts.Tenth, ...], tuple[report.facts.Quarter, ...]
]  # fmt: skip
_MOST_SEGMENTS = 200
_SEGMENT_FIGURES = ("median_ape", "rmse", "coverage")
_LEAN_FIGURES = ("lean", "lean_chance")
_OURS = (evaluation.PRICE_DECILE, evaluation.TIME_QUARTER)
_QUARTER_FIGURES = ("median_ape", "median_ratio", "coverage", "relative_width")
_TENTH_FIGURES = ("mean_log_ratio", "sd_log_ratio", "median_ape", "cod")


def figure_rows(job: Job, model: RegisteredModel, prices: DataFrame) -> DataFrame:
    """All figures of a model.

    Args:
        job: The job that writes them.
        model: The model.
        prices: From ``judging.judged_prices``.
    """
    run, settings = job.run, job.run.settings.evaluation
    segments = run.contract.segments
    measured = evaluation.metric_rows(prices, segments, settings.segment_min_rows, judging.ranges_of(model).levels)
    names = {"model_version": model.version, "mlflow_run_id": model.run_id}
    figures = measured.withColumns({name: F.lit(value) for name, value in names.items()}).checkpoint()
    test = prices.where(F.col("split") == "test")
    found = [*_leans(figures, segments), *_correlations(model, test)]
    return MODEL_METRICS.select(figures).unionByName(job.rows(MODEL_METRICS, [one | names for one in found]))


def _leans(figures: DataFrame, segments: Sequence[str]) -> Iterator[Figure]:
    """``lean`` and ``lean_chance`` of each reported segment of the test rows."""
    keys = ("segment_column", "segment", "rows")
    rows = figures.where((F.col("split") == "test") & F.col("segment_column").isin("all", *segments))
    by_slice = rows.groupBy(*keys).pivot("metric", list(_RATIOS)).agg(F.max("value"))
    is_known = F.col(_RATIOS[0]).isNotNull() & F.col(_RATIOS[1]).isNotNull()
    known = by_slice.where(is_known).collect()  # a row per segment that is reported
    parts = {(row["segment_column"], row["segment"]): Ratios(*(row[at] for at in ("rows", *_RATIOS))) for row in known}
    whole = parts.pop(("all", "all"), None)
    leans = evaluation.leans(whole, parts) if whole else {}
    for (column, segment), lean in leans.items():
        slice_ = {"split": "test", "segment_column": column, "segment": segment, "rows": parts[column, segment].rows}
        yield slice_ | {"metric": "lean", "value": lean.value}
        yield slice_ | {"metric": "lean_chance", "value": lean.chance}


def _correlations(model: RegisteredModel, test: DataFrame) -> Iterator[Figure]:
    """``moran_i`` of the errors of the model, and of least squares, which knows no neighbours, beside it."""
    for price, one in autocorrelations(test, judging.contract_of(model), list(_CORRELATED)).items():
        all_rows = {"split": "test", "segment_column": "all", "segment": "all", "rows": one.rows}
        yield all_rows | {"metric": f"{_CORRELATED[price]}_i", "value": one.value}
        yield all_rows | {"metric": f"{_CORRELATED[price]}_chance", "value": one.chance}


def autocorrelations(test: DataFrame, contract: Contract, prices: Sequence[str]) -> dict[str, Autocorrelation]:
    """Moran's I of the errors of each of these columns; nothing where homes have no place."""
    location = contract.location
    if location is None:
        return {}
    return evaluation.error_autocorrelation(test, location.columns, prices, is_degrees=location.latitude is not None)


def test_slices(run: Run, version: int) -> tuple[dict[str, float], Slices]:
    """The figures on the whole test split, on its worst segments, at most 200, and on each tenth by price."""
    test = (F.col("model_version") == version) & (F.col("split") == "test")
    keys = ("segment_column", "segment")
    # A version that was judged again has its figures twice.
    once = run.warehouse.read(MODEL_METRICS.name).where(test).groupBy(*keys, "metric")
    values = F.map_from_entries(F.collect_list(F.struct("metric", "value"))).alias("values")
    newest = once.agg(F.max("value").alias("value"), F.max("rows").alias("rows"))
    by_segment = newest.groupBy(*keys).agg(F.max("rows").alias("rows"), values)
    is_ours = F.col("segment_column").isin("all", *_OURS)
    worst_first = (F.desc(is_ours), F.desc(F.try_element_at("values", F.lit("median_ape"))), *keys)
    rows = by_segment.orderBy(*worst_first).limit(_MOST_SEGMENTS + 15).collect()
    found = [row for row in rows if row["segment_column"] == "all" or row["values"]["median_ape"] is not None]
    whole = next(row["values"] for row in found if row["segment_column"] == "all")
    tenths = (_tenth(row) for row in found if row["segment_column"] == evaluation.PRICE_DECILE)
    quarters = (_quarter(row) for row in found if row["segment_column"] == evaluation.TIME_QUARTER)
    segments = (_segment(row) for row in found if row["segment_column"] not in ("all", *_OURS))
    by_name = attrgetter("name")
    return whole, (tuple(segments), tuple(sorted(tenths, key=by_name)), tuple(sorted(quarters, key=by_name)))


def _segment(row: Row) -> report.facts.Segment:
    values = row["values"]
    median_ape, rmse, coverage = (values[name] for name in _SEGMENT_FIGURES)
    lean = evaluation.Lean(*(values[name] for name in _LEAN_FIGURES)) if "lean" in values else None
    slice_ = row["segment_column"], row["segment"], row["rows"]
    return report.facts.Segment(*slice_, median_ape, rmse, coverage, lean)


def _quarter(row: Row) -> report.facts.Quarter:
    return report.facts.Quarter(row["segment"], row["rows"], *(row["values"][name] for name in _QUARTER_FIGURES))


def _tenth(row: Row) -> report.facts.Tenth:
    return report.facts.Tenth(row["segment"], row["rows"], *(row["values"][name] for name in _TENTH_FIGURES))


def find_studies(run: Run, version: int) -> report.Studies:
    """What the studies of a version found, by study."""
    if not run.warehouse.exists(MODEL_STUDIES.name):
        return {}
    return report.gather_studies(run.warehouse.read(MODEL_STUDIES.name), version)


def studies_named(run: Run, version: int) -> str:
    """The newest studies of a version, as the report's tag names them."""
    return ", ".join(f"{name} {fits[0].fitted_at}" for name, fits in find_studies(run, version).items())
