"""Which part a row plays for a model: a hash of its group and a salt, never a random draw.

* A group (or row) stays in one part, whatever the layout, the cluster or a retry.
* With event times the test rows are the most recent; earlier rows of a group in test play no part.
* Stratified, the shares are exact in each stratum: the thresholds are order statistics of the hashes.

The record holds all that is needed to compute any row's part again.
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from housing_spark.errors import ConfigurationError, InputRefusedError
from housing_spark.hashing import hash_share
from housing_spark.settings.training import Split

PARTS = ("train", "validation", "calibration", "test")
_ALL = "all"


@dataclass(frozen=True)
class SplitRecord:
    """How a model's rows were divided."""

    salt: str
    shares: dict[str, float]
    cutoff: str | None = None
    stratify_by: tuple[str, ...] = ()
    label_bounds: tuple[float, ...] = ()
    thresholds: dict[str, list[float]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "SplitRecord":
        """The record back from JSON."""
        lists = {name: tuple(values[name]) for name in ("stratify_by", "label_bounds")}
        return cls(**(values | lists))


def fit_split(labelled: DataFrame, settings: Split, *, is_grouped: bool) -> SplitRecord:
    """The split of these rows.

    Args:
        labelled: Rows with ``group_key``, ``label``, ``event_time`` and the columns to stratify by.
        settings: Salt, shares, and how rows are divided.
        is_grouped: Whether ``group_key`` can name several rows.

    Raises:
        ConfigurationError: Stratified and grouped at once, or an unknown column to stratify by.
        InputRefusedError: All sales happened on one day.
    """
    is_stratified = bool(settings.stratify_by or settings.stratify_label_quantiles)
    unknown = [name for name in settings.stratify_by if name not in labelled.columns]
    if unknown or (is_stratified and is_grouped):
        problem = f"unknown column '{unknown[0]}'" if unknown else "a contract with a group cannot be stratified"
        raise ConfigurationError("E-CFG-017", f"split.stratify_by: {problem}; leave it empty")
    cutoff = _cutoff(labelled, settings.test) if settings.by_time else None
    parts = PARTS[:3] if cutoff else PARTS
    total = sum(getattr(settings, part) for part in parts)
    record = SplitRecord(
        settings.salt,
        {part: getattr(settings, part) / total for part in parts},
        cutoff,
        settings.stratify_by,
        _label_bounds(labelled, settings.stratify_label_quantiles),
    )
    if not is_stratified:
        return record
    return SplitRecord(**(vars(record) | {"thresholds": _exact_thresholds(labelled, record)}))


def with_split(rows: DataFrame, record: SplitRecord, *, is_grouped: bool) -> DataFrame:
    """Rows with their ``split``: train, validation, calibration, test, or null for no part.

    Args:
        rows: Rows with ``group_key``, ``label`` and ``event_time``.
        record: A model's split.
        is_grouped: Whether ``group_key`` can name several rows.
    """
    part = _part_expr(record)
    if record.cutoff is None:
        return rows.withColumn("split", part)
    is_test = F.to_date("event_time") > F.lit(record.cutoff).cast("date")
    if not is_grouped:
        return rows.withColumn("split", F.when(is_test, "test").otherwise(part))
    is_group_in_test = F.max(is_test).over(Window.partitionBy("group_key"))
    return rows.withColumn("split", F.when(is_test, "test").when(~is_group_in_test, part))


def check_parts(counts: dict[str, int], min_rows: int) -> None:
    """Refuse a split that cannot teach or judge a model.

    Raises:
        InputRefusedError: Too few training rows, or a part without rows.
    """
    empty = [part for part in PARTS if not counts.get(part)]
    found = counts.get("train", 0)
    if found < min_rows or empty:
        raise InputRefusedError(
            "E-TRAIN-001",
            f"{sum(counts.values())} labelled rows: {found} to train on, need {min_rows} (training.min_rows); "
            f"parts without rows: {', '.join(empty) or 'none'}; add sales or change split.*",
        )


def _part_expr(record: SplitRecord) -> Column:
    share = hash_share("group_key", salt=record.salt)
    parts = list(record.shares)
    even = list(accumulate(record.shares.values()))[:-1]
    chain: Column = F.lit(parts[-1])
    if not record.thresholds:
        for part, bound in reversed(list(zip(parts, even, strict=False))):
            chain = F.when(share < bound, part).otherwise(chain)
        return chain
    known = F.create_map(
        *(F.lit(x) for name, bounds in record.thresholds.items() for x in (name, F.array(*map(F.lit, bounds))))
    )
    bounds_expr = F.coalesce(F.try_element_at(known, _stratum(record)), F.array(*map(F.lit, even)))
    for place, part in reversed(list(enumerate(parts[:-1]))):
        chain = F.when(share <= F.element_at(bounds_expr, place + 1), part).otherwise(chain)
    return chain


def _exact_thresholds(labelled: DataFrame, record: SplitRecord) -> dict[str, list[float]]:
    """Per stratum, the hash of the last row of each part; as many rows come to the driver as strata times parts."""
    rows = labelled
    if record.cutoff:
        rows = rows.where(F.to_date("event_time") <= F.lit(record.cutoff).cast("date"))
    stratum, share = _stratum(record).alias("stratum"), hash_share("group_key", salt=record.salt).alias("share")
    order = Window.partitionBy("stratum").orderBy("share")
    size = F.count(F.lit(1)).over(Window.partitionBy("stratum"))
    ranked = rows.select(stratum, share).withColumns({"rank": F.row_number().over(order), "size": size})
    bounds = list(accumulate(record.shares.values()))[:-1]
    lasts = [F.max(F.when(F.col("rank") <= F.round(F.col("size") * bound), F.col("share"))) for bound in bounds]
    found = ranked.groupBy("stratum").agg(*(last.alias(f"b{i}") for i, last in enumerate(lasts))).orderBy("stratum")
    below_all = -1.0
    return {
        row["stratum"]: [below_all if row[f"b{i}"] is None else row[f"b{i}"] for i in range(len(bounds))]
        for row in found.collect()
    }


def _stratum(record: SplitRecord) -> Column:
    quantile = sum((F.when(F.col("label") > bound, 1).otherwise(0) for bound in record.label_bounds), F.lit(0))
    values = [F.coalesce(F.col(name).cast("string"), F.lit("")) for name in record.stratify_by]
    return F.concat_ws("|", F.lit(_ALL), quantile.cast("string"), *values)


def _label_bounds(labelled: DataFrame, quantiles: int) -> tuple[float, ...]:
    if quantiles < 2:
        return ()
    shares = [i / quantiles for i in range(1, quantiles)]
    row = labelled.agg(F.percentile("label", F.array(*map(F.lit, shares))).alias("bounds")).collect()[0]
    return tuple(row["bounds"])


def _cutoff(labelled: DataFrame, test_share: float) -> str | None:
    """The last day before the test rows; as many rows come to the driver as there are days."""
    days = labelled.groupBy(F.to_date("event_time").alias("day")).count().orderBy("day").collect()
    counted: list[tuple[date, int]] = [(row["day"], row["count"]) for row in days if row["day"] is not None]
    if not counted:
        return None
    if len(counted) == 1:
        raise InputRefusedError(
            "E-TRAIN-004", f"all sales are of {counted[0][0]}: no later rows to test on; set split.by_time=false"
        )
    total = sum(count for _, count in counted)
    later = [total - before for before in accumulate(count for _, count in counted)][:-1]
    nearest = min(range(len(later)), key=lambda i: abs(later[i] / total - test_share))
    return counted[nearest][0].isoformat()
