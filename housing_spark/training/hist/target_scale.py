"""Whether trees are fitted on prices or on their logarithms: told once, before any trial, by all training rows.

A few hundred validation rows cannot tell which is better, and every trial on the wrong scale is lost.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np

from housing_spark.training.hist.bins import Values
from housing_spark.training.hist.matrix import CodedFold
from housing_spark.training.hist.trial import boosted
from housing_spark.training.trials import TARGET_SCALE, Parameters

_FOLDS, _ROWS = 3, 20_000
# From the middle of the search's ranges, but for long steps, which end a fit soon.
_PROBE: Parameters = {
    "step_size": 0.1, "max_depth": 6, "min_instances_per_node": 8, "l2": 1.0, "column_share": 0.4, "row_share": 0.8,
    "huber_delta": 0.8, "max_trees": 1000,
}  # fmt: skip


def is_log_better(fold: CodedFold, patience: int, options: Mapping[str, Any]) -> bool:
    """Whether trees should be fitted on logarithms: unless prices as they are do better by a standard error.

    Each training row, of at most 20,000, is priced by a fit that did not see it, once on either scale; squared errors
    of the prices are compared row by row. The rule of one standard error: Breiman, Friedman, Olshen and Stone 1984,
    Classification and Regression Trees, section 3.4.3; here the logarithm is what a price is expected to need.

    Args:
        fold: Coded rows; validation rows play no part.
        patience: Trees without a better error after which a fit ends.
        options: XGBoost's own: the seed, constraints.
    """
    rows = fold.few(_ROWS).training
    numbers = np.arange(len(rows.labels)) % _FOLDS
    parts = [CodedFold(rows.where(numbers != part), rows.where(numbers == part)) for part in range(_FOLDS)]

    def squares(scale_and_part: tuple[bool, CodedFold]) -> Values:
        is_log, part = scale_and_part
        _, prices = boosted(part, _PROBE | {TARGET_SCALE: is_log}, patience, {**options, "nthread": 1})
        found: Values = part.validation.weights * (prices - part.validation.labels) ** 2
        return found

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = list(pool.map(squares, product((True, False), parts)))
    gained = np.concatenate(found[:_FOLDS]) - np.concatenate(found[_FOLDS:])
    return bool(gained.mean() <= gained.std(ddof=1) / np.sqrt(len(gained)))
