"""Everything that the guard looks for, on rows that know their part of the split."""

from collections.abc import Sequence
from itertools import chain

from pyspark.sql import DataFrame

from housing_spark.leakage.findings import Finding
from housing_spark.leakage.future import foretelling_features
from housing_spark.leakage.sample import read_sample
from housing_spark.leakage.single import shifting_features, strong_features, telling_gaps
from housing_spark.leakage.twins import twin_rows
from housing_spark.settings.leakage import Leakage


def find_leaks(
    rows: DataFrame, numeric: Sequence[str], categorical: Sequence[str], place: Sequence[str], settings: Leakage
) -> tuple[Finding, ...]:
    """What looks as if it knew the price, in the order of ``CHECKS``.

    Args:
        rows: Labelled rows with ``split``, ``row_key``, ``event_time`` and the features.
        numeric: Numeric features.
        categorical: Categorical features.
        place: Columns of the location; empty: there is none.
        settings: Bounds, and what is allowed.
    """
    sample = read_sample(rows, numeric, categorical, place, settings.sample_rows)
    of_sample = (check(sample, settings) for check in (strong_features, telling_gaps, shifting_features,
                                                       foretelling_features))  # fmt: skip
    compared = [name for name in dict.fromkeys((*numeric, *categorical, *place)) if name not in settings.allow]
    found = chain(*of_sample, twin_rows(rows, compared, settings))
    return tuple(one for one in found if one.column not in settings.allow)
