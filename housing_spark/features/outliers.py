"""Training rows so far out that no model learns from them; scoring never leaves a row out."""

import logging
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.contract import Contract
from housing_spark.features.describe import feature_names
from housing_spark.features.transformers import fence, summaries
from housing_spark.hashing import first_by_hash
from housing_spark.settings.features import Features

_LOG = logging.getLogger(__name__)
_SALT, _SEED = "isolation", 0
_TREES, _ROWS_A_TREE = 100, 256  # as Liu, Ting and Zhou (ICDM 2008) have them
_SAMPLE = _TREES * _ROWS_A_TREE


def ordinary_rows(rows: DataFrame, contract: Contract, settings: Features) -> DataFrame:
    """Rows without the training rows that are outliers by a number or by their price.

    Args:
        rows: With ``split`` and ``label``.
        contract: Of the numbers.
        settings: ``training_outliers`` says by what rule; with ``none`` all rows stay.
    """
    way, is_training = settings.training_outliers, F.col("split") == "train"
    if way == "none":
        return rows
    training, names = rows.where(is_training), [*feature_names(contract, rows.schema)[0], "label"]
    is_outlier = (
        _isolated(training, names, settings.isolated_share)
        if way == "isolation_forest"
        else _beyond(training, names, way, settings.outlier_factor)
    )
    judged = rows.withColumn("is_outlier", is_training & is_outlier)
    count = judged.where("is_outlier").count()
    _LOG.info("training rows that no model learns from, outliers by %s: %d", way, count)
    return judged.where("NOT is_outlier").drop("is_outlier")


def _beyond(training: DataFrame, names: Sequence[str], way: str, factor: float) -> Column:
    """Whether a number lies beyond its fence."""
    row = training.agg(*(part for name in names for part in summaries(name))).collect()[0]
    fences = {name: bounds for name in names if (bounds := fence(row, name, way, factor))}
    beyond = [~F.col(name).between(*bounds) for name, bounds in fences.items()]
    return F.coalesce(F.greatest(F.lit(False), F.lit(False), *beyond), F.lit(False))


def _isolated(training: DataFrame, names: Sequence[str], share: float) -> Column:
    """Whether a row is as easily told from the others as that share of them; gaps count as medians."""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415  # seconds to import, and asked for by setting

    numbers = [F.col(name).cast("double").alias(name) for name in names]
    sample = first_by_hash(training, _SAMPLE, salt=_SALT).select(*numbers).toArrow()
    values = np.column_stack([sample[name].to_numpy() for name in names])
    medians = np.nan_to_num(np.nanmedian(values, axis=0))
    filled = np.where(np.isnan(values), medians, values)
    forest = IsolationForest(n_estimators=_TREES, max_samples=_ROWS_A_TREE, random_state=_SEED).fit(filled)
    bound = float(np.quantile(forest.score_samples(filled), share))

    def judge(batches: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        for batch in batches:
            seen = np.column_stack([column.to_numpy(zero_copy_only=False) for column in batch])
            yield pa.array(forest.score_samples(np.where(np.isnan(seen), medians, seen)) <= bound)

    judged = arrow_udf(judge, "boolean")  # type: ignore[call-overload]  # the stub lacks what Spark reads: the hints
    column: Column = judged(*numbers)
    return column
