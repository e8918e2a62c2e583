"""What a price says of itself, in the tables of a finished run: ranges by level, confidence, extrapolation."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import deltalake
import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F

from housing_spark import judging
from housing_spark.errors import InputRefusedError
from housing_spark.registering import registry_of
from housing_spark.scoring import read_certificate

LEVELS = [0.5, 0.8, 0.9, 0.95]


@pytest.fixture(scope="module")
def predictions(market: Any) -> pd.DataFrame:
    """As another reader of Delta sees them."""
    return deltalake.DeltaTable(Path(market[0].settings.warehouse) / "market" / "predictions").to_pandas()


def test_the_ranges_of_a_price_lie_within_each_other(predictions: pd.DataFrame) -> None:
    ends = np.array([[list(one.values()) for one in ranges] for ranges in predictions["ranges"]])
    assert (ends[:, :, 0] == LEVELS).all()
    assert (np.diff(ends[:, :, 1], axis=1) <= 0).all()
    assert (np.diff(ends[:, :, 2], axis=1) >= 0).all()
    assert (ends[:, 2, 1] == predictions["prediction_lower"]).all()
    assert (ends[:, 2, 2] == predictions["prediction_upper"]).all()
    assert (predictions["forecast_sd"] > 0).all()
    assert predictions["confidence"].between(0, 99).all()


def test_no_home_that_the_model_was_trained_on_is_an_extrapolation(predictions: pd.DataFrame) -> None:
    trained = predictions[predictions["split"] == "train"]
    assert not trained["is_extrapolation"].any()
    outside = predictions[predictions["is_extrapolation"]]
    assert (outside["extrapolated_inputs"].map(len) > 0).all()


def test_every_level_is_measured_and_confidence_is_what_came_true(market: Any) -> None:
    figures = judging.test_figures(market[0], 1)
    covered = [figures[f"coverage_{level:g}"] for level in (50, 80, 90, 95)]
    assert covered == sorted(covered)
    assert figures["coverage"] == figures["coverage_90"]
    assert figures["relative_width"] == figures["relative_width_90"] < figures["relative_width_95"]
    assert abs(figures["confidence"] - figures["confidence_met"]) < 0.1
    assert 0 <= figures["extrapolations"] < 0.2


def test_the_certificate_and_the_pipeline_agree_on_ranges_too(market: Any, predictions: pd.DataFrame) -> None:
    run = market[0]
    model = registry_of(run).load(1)
    assert read_certificate(model.folder).largest_difference < 1e-5
    rows = run.warehouse.read("features").orderBy("row_key").limit(50)
    wanted = ("row_key", "prediction_upper", "confidence", "is_extrapolation")
    by_spark = model.pipeline.transform(rows).select(*wanted).toPandas().set_index("row_key")
    kept = predictions.set_index("row_key").loc[by_spark.index]
    assert kept["prediction_upper"].to_numpy() == pytest.approx(by_spark["prediction_upper"].to_numpy(), rel=1e-5)
    assert (kept["confidence"] - by_spark["confidence"]).abs().max() <= 1
    assert (kept["is_extrapolation"] == by_spark["is_extrapolation"]).all()


def test_a_model_whose_range_knows_no_difficulty_is_not_used(market: Any) -> None:
    old = replace(registry_of(market[0]).load(1), record={"interval": {"level": 0.9, "half_width": 0.2, "rows": 100}})
    registry: Any = SimpleNamespace(load=lambda _: old)
    with pytest.raises(InputRefusedError, match=r"E-RANGE-001 market_price version 1: .*train it again"):
        judging.usable_model(registry, 1)


def test_comments_say_what_the_columns_mean(market: Any) -> None:
    fields = market[0].warehouse.read("predictions").schema
    for name in ("ranges", "range_group", "forecast_sd", "confidence", "is_extrapolation", "extrapolated_inputs"):
        assert fields[name].metadata["comment"]
    held = F.exists("ranges", lambda one: (one["level"] == 0.95) & (F.col("prediction") < one["upper"]))
    assert market[0].warehouse.read("predictions").where(~held).isEmpty()
