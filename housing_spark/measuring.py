"""What is measured of a model, as rows of ``model_metrics``, and what studies of it found."""

from collections.abc import Iterator, Sequence
from typing import Any

from pyspark.sql import DataFrame
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


def figure_rows(job: Job, model: RegisteredModel, prices: DataFrame) -> DataFrame:
    """All figures of a model.

    Args:
        job: The job that writes them.
        model: The model.
        prices: From ``judging.judged_prices``, in memory.
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


def find_studies(run: Run, version: int) -> report.Studies:
    """What the studies of a version found, by study."""
    if not run.warehouse.exists(MODEL_STUDIES.name):
        return {}
    return report.gather_studies(run.warehouse.read(MODEL_STUDIES.name), version)


def studies_named(run: Run, version: int) -> str:
    """The newest studies of a version, as the report's tag names them."""
    return ", ".join(f"{name} {fits[0].fitted_at}" for name, fits in find_studies(run, version).items())
