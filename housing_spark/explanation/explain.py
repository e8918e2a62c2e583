"""Rows with what adds up to their price, computed where the rows are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import types as T

from housing_spark.explanation.currency import in_currency
from housing_spark.explanation.folding import Folding
from housing_spark.explanation.shapley import tree_contributions
from housing_spark.explanation.trees import Numbers, Tree

# What goes in: what the estimator sees, what it says, and the price. No column of a contract starts with an underscore.
VECTOR, RAW, PRICE = "_vector", "_raw", "_price"
BASE, CONTRIBUTIONS, DIFFERENCE = "_base", "_contributions", "_difference"


class Explainer(Protocol):
    """Gives each column of a row what it adds to the prediction, in the space that the model was fitted in."""

    def explain(self, values: Numbers) -> tuple[float, Numbers]:
        """The base, and the contributions of values of shape (rows, columns), in the same shape."""


@dataclass(frozen=True)
class TreeExplainer:
    """Of an ensemble of trees, by Shapley values."""

    trees: Sequence[Tree]

    def explain(self, values: Numbers) -> tuple[float, Numbers]:
        """The mean prediction of training rows, and what each column adds."""
        return tree_contributions(self.trees, values)


@dataclass(frozen=True)
class LinearExplainer:
    """Of a linear model, by Shapley values too: coefficients times what lies above the mean of training rows."""

    intercept: float
    coefficients: Numbers
    means: Numbers

    def explain(self, values: Numbers) -> tuple[float, Numbers]:
        """The mean prediction of training rows, and what each column adds."""
        return self.intercept + float(self.coefficients @ self.means), (values - self.means) * self.coefficients


def explained_rows(rows: DataFrame, explainer: Explainer, folding: Folding, *, is_log: bool) -> DataFrame:
    """The rows, without what went in but the price, with ``_base``, ``_contributions`` and ``_difference``.

    The last is how far base and contributions are from what the model itself says: the larger of the relative
    differences in the space that it was fitted in and of the price.

    Args:
        rows: With ``_vector`` (an array), ``_raw`` and ``_price``.
        explainer: Of the model.
        folding: From its columns to sources, whose contributions are given in order.
        is_log: Whether the model was fitted to logarithms of prices.
    """
    kept = [field for field in rows.schema.fields if field.name not in (VECTOR, RAW)]
    names = [field.name for field in kept]
    schema = T.StructType([*kept, T.StructField(BASE, T.DoubleType()), T.StructField(DIFFERENCE, T.DoubleType()),
                           T.StructField(CONTRIBUTIONS, T.ArrayType(T.DoubleType()))])  # fmt: skip

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                yield pa.RecordBatch.from_arrays(
                    [*(batch[name] for name in names), *_explained(batch, explainer, folding, is_log=is_log)],
                    [field.name for field in schema.fields],
                )

    # A loop over trees, whose steps depend on each other, is no expression of Spark's.
    return rows.mapInArrow(work, schema)


def _explained(batch: pa.RecordBatch, explainer: Explainer, folding: Folding, *, is_log: bool) -> list[pa.Array]:
    raw, price = batch[RAW].to_numpy(), batch[PRICE].to_numpy()
    values = batch[VECTOR].flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, -1)
    base, found = explainer.explain(values)
    folded = found @ folding.shares
    apart = _difference(base + found.sum(axis=1), raw)
    if is_log:
        base, folded = in_currency(base, folded)
    apart = np.maximum(apart, _difference(base + folded.sum(axis=1), price))
    ends = np.arange(batch.num_rows + 1, dtype=np.int32) * folded.shape[1]
    contributions = pa.ListArray.from_arrays(pa.array(ends), pa.array(folded.ravel()))
    return [pa.array(np.full(batch.num_rows, base)), pa.array(apart), contributions]


def _difference(sums: Numbers, said: Numbers) -> Numbers:
    found: Numbers = np.abs(sums - said) / np.maximum(np.abs(said), np.finfo(np.float64).tiny)
    return found
