"""Rows are explained where they are: the same on any layout, for trees and for a line."""

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from housing_spark.explanation import Explainer, Folding, LinearExplainer, TreeExplainer, explained_rows
from housing_spark.features import family_of
from tests.explanation.small_trees import FEATURES, random_rows, random_tree

ROWS = 60
VALUES = random_rows(9, ROWS)
FOLDING = Folding.of(["a", "a", "b", "lat", "axis__15"], ["a", "b", "lat"], ["lat"], family_of)
EXPLAINERS: dict[str, Explainer] = {
    "trees": TreeExplainer([random_tree(seed, 5) for seed in range(4)]),
    "line": LinearExplainer(2.0, np.array([1.0, -2.0, 0.5, 0.0, 3.0]), np.array([0.1, 0.2, -0.3, 0.0, 1.5])),
}


def rows(spark: SparkSession, raw: np.ndarray, price: np.ndarray) -> DataFrame:
    keys = [f"{place:03d}" for place in range(ROWS)]
    table = pa.table({"row_key": keys, "_vector": pa.array(VALUES.tolist()), "_raw": raw, "_price": price})
    return spark.createDataFrame(table)


def found(frame: DataFrame, kind: str, *, is_log: bool) -> pa.Table:
    return explained_rows(frame, EXPLAINERS[kind], FOLDING, is_log=is_log).toArrow().sort_by("row_key")


@pytest.mark.parametrize("kind", EXPLAINERS)
@pytest.mark.parametrize("is_log", [False, True])
def test_rows_are_explained_the_same_on_any_layout(kind: str, is_log: bool, spark: SparkSession) -> None:
    base, own = EXPLAINERS[kind].explain(VALUES)
    raw = base + own.sum(axis=1)
    price = np.exp(raw) if is_log else raw
    frame = rows(spark, raw, price)
    one, seven = (found(frame.repartition(count), kind, is_log=is_log) for count in (1, 7))
    assert one == seven
    assert one.schema.names == ["row_key", "_price", "_base", "_difference", "_contributions"]
    assert max(one["_difference"].to_pylist()) < 1e-9
    sums = np.array(one["_contributions"].to_pylist()).sum(axis=1) + one["_base"].to_numpy()
    assert sums == pytest.approx(price, rel=1e-12)
    assert len(one["_contributions"][0]) == 3


def test_a_line_gives_what_lies_above_the_mean() -> None:
    line = EXPLAINERS["line"]
    base, own = line.explain(VALUES)
    assert base == pytest.approx(2.0 + 0.1 - 0.4 - 0.15 + 4.5)
    assert own[:, 1] == pytest.approx(-2.0 * (VALUES[:, 1] - 0.2))
    assert own.shape == (ROWS, FEATURES)


@pytest.mark.parametrize(("raw", "price"), [(1.01, 1.0), (1.0, 0.99)])
def test_a_row_that_does_not_add_up_says_so(raw: float, price: float, spark: SparkSession) -> None:
    base, own = EXPLAINERS["trees"].explain(VALUES)
    said = base + own.sum(axis=1)
    apart = found(rows(spark, said * raw, said * price), "trees", is_log=False)["_difference"].to_numpy()
    assert (apart > 0.009).all()
