"""Moran's I finds errors that go together by place, and leaning segments are told from chance."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from scipy import stats

from housing_spark.evaluation.fairness import Ratios, leans
from housing_spark.evaluation.spatial import error_autocorrelation, morans_i, nearest_places

DRAW = np.random.default_rng(3)
AT = DRAW.uniform(0, 10, (600, 2))


def test_errors_that_know_no_place_have_none_and_waves_have_much() -> None:
    nothing = [morans_i(AT, DRAW.normal(size=600)) for _ in range(20)]
    much = morans_i(AT, np.sin(AT[:, 0]) + 0.2 * DRAW.normal(size=600))
    assert max(abs(one.value) for one in nothing) < 0.1
    assert much.value > 0.8
    assert much.chance == 1 / 500
    assert 0.3 < np.mean([one.chance for one in nothing]) < 0.7


def test_it_is_the_textbook_sum() -> None:
    """I = n / S0 x sum of w_ij z_i z_j / sum of z_i^2, with a matrix of weights."""
    error = DRAW.normal(size=600)
    gaps = np.linalg.norm(AT[:, None] - AT[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    weights = np.zeros((600, 600))
    np.put_along_axis(weights, np.argsort(gaps, axis=1)[:, :8], 1 / 8, axis=1)
    z = error - error.mean()
    assert morans_i(AT, error).value == pytest.approx((z @ weights @ z) / (z @ z), rel=1e-9)


def test_a_row_is_never_its_own_neighbour_even_where_all_share_a_place() -> None:
    for places in (np.zeros((40, 2)), np.full((40, 2), 48.5), np.repeat(AT[:4], 10, axis=0)):
        nearest = nearest_places(places)
        assert nearest.shape == (40, 8)
        assert not (nearest == np.arange(40)[:, None]).any()
        assert all(len(set(row)) == 8 for row in nearest.tolist())


def test_spark_rows_give_what_numpy_gives(spark: SparkSession) -> None:
    label = DRAW.lognormal(12, 0.3, 600)
    waved = label * np.exp(np.sin(AT[:, 0]))
    place = {"row_key": [f"{i:03}" for i in range(600)], "x": AT[:, 0], "y": AT[:, 1], "label": label}
    few = np.where(np.arange(600) < 20, label * 1.1, np.nan)
    frame = pd.DataFrame({**place, "prediction": waved, "same": label, "few": few})
    frame.loc[599, ["x", "label"]] = np.nan, 0.0
    prices = ["prediction", "same", "few"]
    found = error_autocorrelation(spark.createDataFrame(frame), ("x", "y"), prices, is_degrees=False)
    assert set(found) == {"prediction"}  # an error that is always 0 has none, nor have 20 rows
    assert found["prediction"].rows == 599
    assert found["prediction"].value == pytest.approx(morans_i(AT[:599], np.sin(AT[:599, 0])).value, rel=1e-6)


def _ratios(values: np.ndarray) -> Ratios:
    return Ratios(len(values), float(values.mean()), float(values.std(ddof=1)))


def test_a_lean_agrees_with_scipy_on_the_rows() -> None:
    part, rest = DRAW.normal(0.1, 0.1, 80), DRAW.normal(0, 0.2, 300)
    found = leans(_ratios(np.concatenate((part, rest))), {("town", "a"): _ratios(part)})["town", "a"]
    assert found.value == pytest.approx(np.expm1(part.mean() - rest.mean()))
    assert found.chance == pytest.approx(stats.ttest_ind(part, rest, equal_var=False).pvalue)
    assert found.is_beyond(0.05)
    assert not found.is_beyond(0.2)


def test_many_segments_are_not_leaning_by_chance() -> None:
    """Forty segments of noise: some is below 5 % on its own, none after the correction; a real one stays."""
    parts = {("town", str(at)): DRAW.normal(0.0, 0.1, 50) for at in range(40)}
    whole = _ratios(np.concatenate(list(parts.values())))
    noise = leans(whole, {key: _ratios(values) for key, values in parts.items()})
    assert not any(lean.is_beyond(0.0) for lean in noise.values())
    assert min(stats.ttest_1samp(values, whole.mean).pvalue for values in parts.values()) < 0.05
    parts["town", "7"] += 0.1
    whole = _ratios(np.concatenate(list(parts.values())))
    real = leans(whole, {key: _ratios(values) for key, values in parts.items()})
    assert [key for key, lean in real.items() if lean.is_beyond(0.05)] == [("town", "7")]


def test_a_segment_of_all_rows_or_of_one_says_nothing() -> None:
    whole = Ratios(100, 0.0, 0.1)
    assert leans(whole, {("town", "a"): Ratios(99, 0.0, 0.1), ("town", "b"): Ratios(1, 0.5, 0.0)}) == {}
