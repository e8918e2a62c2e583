"""What anyone could do without a model: the mean price, and least squares on the raw numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import LinearRegression
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

NAMES = ("mean_price", "ols")


@dataclass(frozen=True)
class Baselines:
    """Fitted baselines, as plain numbers."""

    mean: float
    intercept: float
    coefficients: dict[str, float]
    fills: dict[str, float]

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Baselines":
        """The baselines back from JSON."""
        return cls(**values)

    def columns(self) -> dict[str, Column]:
        """The baselines' prices, by name: ``mean_price`` and ``ols``."""
        terms = (
            F.coalesce(F.col(name).cast("double"), F.lit(self.fills[name])) * weight
            for name, weight in self.coefficients.items()
        )
        return {"mean_price": F.lit(self.mean), "ols": reduce(Column.__add__, terms, F.lit(self.intercept))}


def fit_baselines(training: DataFrame, numeric: Sequence[str]) -> Baselines:
    """The baselines of these training rows; gaps in a column are filled with its mean.

    Args:
        training: Training rows with ``label``.
        numeric: Raw numeric columns that least squares may use.
    """
    means = [F.avg(F.col(name).cast("double")).alias(name) for name in numeric]
    row = training.agg(F.avg("label").alias("label"), *means).collect()[0]
    if not numeric:
        return Baselines(row["label"], row["label"], {}, {})
    fills = {name: float(row[name]) for name in numeric}
    filled = [F.coalesce(F.col(name).cast("double"), F.lit(fills[name])).alias(name) for name in numeric]
    assembler = VectorAssembler(inputCols=list(numeric), outputCol="numbers")
    rows = assembler.transform(training.select("label", *filled))
    fitted = LinearRegression(featuresCol="numbers", labelCol="label", solver="normal").fit(rows)
    coefficients = dict(zip(numeric, map(float, fitted.coefficients), strict=True))
    return Baselines(float(row["label"]), float(fitted.intercept), coefficients, fills)
