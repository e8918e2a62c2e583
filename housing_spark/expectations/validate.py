"""Checks run by Great Expectations: yes or no for all of them in few passes, then in detail where it was no."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.errors import HousingSparkError, ResourceMissingError
from housing_spark.expectations.checks import Check

JOB_TAG = "great_expectations"
_CLASSES = {
    "not_null": "ExpectColumnValuesToNotBeNull",
    "between": "ExpectColumnValuesToBeBetween",
    "in_set": "ExpectColumnValuesToBeInSet",
    "mean": "ExpectColumnMeanToBeBetween",
    "min": "ExpectColumnMinToBeBetween",
    "row_count": "ExpectTableRowCountToBeBetween",
}
_ROW_WISE = ("not_null", "between", "in_set")


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations says of a check; figures only where it failed."""

    check: Check
    success: bool
    observed: float | None = None
    unexpected_rows: int | None = None


def validate(rows: DataFrame, checks: Sequence[Check]) -> list[Verdict]:
    """The verdict of every check on a batch, in the order of the checks.

    Args:
        rows: The batch; only the columns that the checks look at are read, twice or three times.
        checks: What is expected of it.

    Raises:
        ResourceMissingError: Great Expectations is not installed.
        HousingSparkError: Great Expectations could not compute a check.
    """
    if not checks:
        return []
    looked_at = [check.value.alias(_column(place)) for place, check in enumerate(checks) if check.value is not None]
    with _tagged_jobs(rows):
        batch = _batch(rows.select(*looked_at or [F.lit(1).alias("_")]))
        found = _run(batch, dict(enumerate(checks)), "BOOLEAN_ONLY")
        failed = {place: check for place, check in enumerate(checks) if not found[place].success}
        found |= _run(batch, failed, "BASIC") if failed else {}
    return [found[place] for place in range(len(checks))]


def _column(place: int) -> str:
    return f"check_{place}"


@contextmanager
def _tagged_jobs(rows: DataFrame) -> Iterator[None]:
    context = rows.sparkSession.sparkContext
    context.addJobTag(JOB_TAG)
    try:
        yield
    finally:
        context.removeJobTag(JOB_TAG)


def load_library() -> Any:
    """Great Expectations, silent; the first call takes seconds.

    Raises:
        ResourceMissingError: It is not installed.
    """
    # Before the import: a data platform's checks report to nobody but it.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    try:
        import great_expectations  # noqa: PLC0415  # an optional extra, and seconds to import
    except ImportError as error:
        raise ResourceMissingError(
            "E-ENV-003", "great-expectations is not installed; pip install 'housing-spark[quality]', or set "
            "quality.gates=[] to check nothing"
        ) from error  # fmt: skip
    # The one logger of it that has a level of its own, and tells where its unused pages would be.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    return great_expectations


def _batch(checked: DataFrame) -> Any:
    gx = load_library()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_spark("batches", persist=False)
    return (
        source.add_dataframe_asset("batch")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": checked})
    )


def _run(batch: Any, checks: dict[int, Check], detail: str) -> dict[int, Verdict]:
    gx = load_library()
    suite = gx.ExpectationSuite("suite", expectations=[_expectation(gx, place, one) for place, one in checks.items()])
    results = batch.validate(suite, result_format=detail).results
    return {place: verdict_of(checks[place], result) for result in results for place in [_place(result)]}


def _place(result: Any) -> int:
    return int(result.expectation_config.meta["place"])


def _expectation(gx: Any, place: int, check: Check) -> Any:
    arguments: dict[str, Any] = {**check.arguments, "meta": {"place": place}}
    if check.value is not None:
        arguments["column"] = _column(place)
    if check.kind in _ROW_WISE:
        arguments["mostly"] = check.mostly
    return getattr(gx.expectations, _CLASSES[check.kind])(**arguments)


def verdict_of(check: Check, result: Any) -> Verdict:
    """What a result of Great Expectations says of a check.

    Raises:
        HousingSparkError: It could not be computed.
    """
    info = result.exception_info or {}
    # One dictionary, or one for each figure that the check is made of.
    raised = [one for one in (info, *info.values()) if isinstance(one, dict) and one.get("raised_exception")]
    if raised:
        first = str(raised[0].get("exception_message")).splitlines()[0]
        raise HousingSparkError("E-DQ-004", f"gate {check.gate}, {check.subject}: could not be computed, {first}")
    figures = result.result or {}
    rows = figures.get("unexpected_count")
    share = figures.get("unexpected_percent")
    observed = figures.get("observed_value", None if share is None else share / 100)
    return Verdict(check, bool(result.success), None if observed is None else float(observed), rows)
