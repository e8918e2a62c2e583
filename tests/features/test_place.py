"""Turned axes, and distances to places that the contract names."""

import numpy as np
import pytest
from pyspark.sql import SparkSession

from housing_spark.contract import Contract
from housing_spark.contract.checks import contract_problems
from housing_spark.features.grown import Inputs
from housing_spark.features.place import Place, place_of
from housing_spark.features.stages import feature_pipeline
from housing_spark.settings.features import Features

ALONE = Features(rotations=(30,)).without("neighbours")
PARIS, LONDON = (48.8567, 2.3508), (51.5072, -0.1275)


@pytest.mark.parametrize(
    ("place", "distance", "axis"),
    [
        (Place(("latitude", "longitude"), is_flat=False, is_timed=False, known={"london": LONDON}), 343.5, 26.464),
        (Place(("longitude", "latitude"), is_flat=True, is_timed=False, known={"london": LONDON[::-1]}), 3.629, 26.464),
    ],
)
def test_axes_are_turned_and_distances_are_known(
    spark: SparkSession, place: Place, distance: float, axis: float
) -> None:
    rows = spark.createDataFrame([(*PARIS, 1.0), (None, None, 1.0)], "latitude double, longitude double, label double")
    model = feature_pipeline(Inputs(("latitude", "longitude"), (), place), "index", ALONE).fit(rows)
    first, second = model.transform(rows).select("distance_to__london", "axis__30").collect()
    assert first["distance_to__london"] == pytest.approx(distance, rel=1e-3)
    assert first["axis__30"] == pytest.approx(PARIS[1] * np.cos(np.pi / 6) + PARIS[0] / 2, rel=1e-9)
    assert first["axis__30"] == pytest.approx(axis, abs=1e-2)
    assert second == first  # what is missing was filled


def test_places_need_a_location() -> None:
    described = {
        "dataset": "town", "columns": {"price": {"type": "double"}, "x": {"type": "double"}, "y": {"type": "double"}},
        "label": "price", "features": {"numeric": ["x"]}, "places": {"centre": [1.0, 2.0]},
    }  # fmt: skip
    assert any(
        "places: need a location" in problem for problem in contract_problems(Contract.model_validate(described))
    )
    placed = Contract.model_validate(described | {"location": {"x": "x", "y": "y"}})
    assert place_of(placed) == Place(("x", "y"), is_flat=True, is_timed=False, known={"centre": (1.0, 2.0)})
