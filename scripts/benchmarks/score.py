"""Pricing rows with the trees of a model: Spark's own ``transform`` and the native walk, in turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from figures import PAIRS, Figure, figure_of, ratios
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rows import market, session, stages
from trees import fitted

from housing_spark.scoring.native import NativeEnsemble, price_natively
from housing_spark.scoring.native.ensemble import read_ensemble

_ROWS, _FEW_ROWS = 1_000_000, 200_000
_OVER = "time of transform over native"


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with session() as (spark, folder):
        sales = market(spark, _ROWS).repartition(8, "row_key")
        *indexing, assembling = stages().fit(sales).stages
        described = PipelineModel(indexing).transform(sales).select("row_key", *assembling.getInputCols()).persist()
        described.count()
        vectors = assembling.transform(described)
        small = _Case(_pipeline(vectors, assembling, 100, 5), described, PAIRS)
        what = f"{_ROWS:,} rows x 12, 100 trees of depth 5"
        yield figure_of("score.mllib_over_native_small", small.ratios(folder), ">= 2", f"{_OVER}, {what}")
        few = described.limit(_FEW_ROWS).repartition(8).persist()
        few.count()
        large = _Case(_pipeline(vectors, assembling, 1_000, 9), few, 3)
        what = f"{_FEW_ROWS:,} rows x 12, 1,000 trees of depth 9; three pairs: a minute each"
        yield figure_of("score.mllib_over_native_large", large.ratios(folder), ">= 10", f"{_OVER}, {what}")
        yield _difference(folder, large.model, few.limit(20_000))


@dataclass(frozen=True)
class _Case:
    """A model, the rows that it prices, and how often."""

    model: PipelineModel
    rows: DataFrame
    pairs: int

    def ratios(self, folder: Path) -> list[float]:
        """Spark's time over ours; the first pair warms up."""
        native = _native(folder, self.model)
        ways = (
            lambda: _total(self.model.transform(self.rows)),
            lambda: _total(price_natively(self.rows, self.model, [native])),
        )
        return ratios(*ways, pairs=1 + self.pairs)[1:]


def _pipeline(vectors: DataFrame, assembling: VectorAssembler, trees: int, depth: int) -> PipelineModel:
    return PipelineModel([assembling, fitted(vectors, trees=trees, depth=depth)])


def _total(priced: DataFrame) -> float:
    return float(priced.agg(F.sum("price")).collect()[0][0])


def _difference(folder: Path, model: PipelineModel, rows: DataFrame) -> Figure:
    native = _native(folder, model)
    both = [
        priced.select("row_key", "price").toArrow().sort_by("row_key")["price"].to_numpy()
        for priced in (model.transform(rows), price_natively(rows, model, [native]))
    ]
    largest = float(np.max(np.abs(both[1] / both[0] - 1)))
    what = "largest relative difference over 20,000 rows, in double precision; once: it is exact"
    return figure_of("score.max_difference", [largest], "<= 1e-12", what)


def _native(folder: Path, model: PipelineModel) -> NativeEnsemble:
    model.write().overwrite().save(str(folder / "model"))
    ensemble = read_ensemble(folder / "model")
    if ensemble is None:
        raise ValueError("the model has no trees")
    return NativeEnsemble.of(ensemble)
