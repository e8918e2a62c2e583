"""Figures against pandas and NumPy; a better model is found better."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark.evaluation import fit_baselines, metric_rows


@pytest.fixture(scope="module")
def judged(spark: SparkSession) -> DataFrame:
    draw = np.random.default_rng(1)
    label = draw.lognormal(12, 0.4, 2000)
    frame = pd.DataFrame(
        {
            "group_key": [str(i) for i in range(2000)],
            "label": label,
            "prediction": label * draw.normal(1, 0.1, 2000),
            "area": label / 1000 + draw.normal(0, 50, 2000),
            "town": np.where(np.arange(2000) % 50 == 0, "small", "large"),
            "split": np.where(np.arange(2000) % 5 == 0, "test", "train"),
        }
    )
    frame["prediction_lower"], frame["prediction_upper"] = frame["prediction"] * 0.8, frame["prediction"] * 1.2
    frame["mean_price"], frame["ols"] = frame["label"].mean(), frame["label"] * 1.3
    return spark.createDataFrame(frame).persist()


def test_figures_agree_with_pandas(judged: DataFrame) -> None:
    rows = metric_rows(judged, ["town"], min_rows=50).toPandas()
    test = judged.toPandas().query("split == 'test'")
    error = test["prediction"] - test["label"]
    found = rows.query("split == 'test' and segment_column == 'all'").set_index("metric")["value"]
    assert found["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    assert found["mae"] == pytest.approx(error.abs().mean())
    assert found["mape"] == pytest.approx((error.abs() / test["label"]).mean())
    assert found["median_ape"] == pytest.approx((error.abs() / test["label"]).median(), rel=0.02)
    assert found["median_ratio"] == pytest.approx((test["prediction"] / test["label"]).median(), rel=0.005)
    assert found["within_10_percent"] == pytest.approx((error.abs() / test["label"] <= 0.1).mean())
    assert found["r2"] == pytest.approx(1 - (error**2).sum() / ((test["label"] - test["label"].mean()) ** 2).sum())
    assert found["coverage"] == pytest.approx(((error.abs() / test["prediction"]) <= 0.2).mean())
    assert set(rows.query("split == 'test' and segment_column == 'town'")["segment"]) == {"large"}


def _figures(rows: pd.DataFrame, segment: str = "all") -> pd.Series:
    return rows.query(f"split == 'test' and segment == '{segment}'").set_index("metric")["value"]


def test_the_ratio_study_agrees_with_pandas(judged: DataFrame) -> None:
    rows = metric_rows(judged, ["town"], min_rows=1).toPandas()
    test = judged.toPandas().query("split == 'test'")
    for segment, homes in (("all", test), ("small", test.query("town == 'small'"))):
        found, ratio = _figures(rows, segment), homes["prediction"] / homes["label"]
        level = found["median_ratio"]
        assert found["cod"] == pytest.approx(100 * (ratio / level - 1).abs().mean())
        assert found["prd"] == pytest.approx(ratio.mean() / (homes["prediction"].sum() / homes["label"].sum()))
        value = np.log2((homes["label"] + homes["prediction"] / level) / 2)
        assert found["prb"] == pytest.approx(np.polyfit(value, ratio / level - 1, 1)[0])
        assert found["mean_log_ratio"] == pytest.approx(np.log(ratio).mean())
        assert found["sd_log_ratio"] == pytest.approx(np.log(ratio).std())


def test_dear_homes_priced_low_are_found(judged: DataFrame) -> None:
    leaning = judged.withColumn("prediction", F.sqrt("label") * 400)
    even, lean = (_figures(metric_rows(one, [], min_rows=1).toPandas()) for one in (judged, leaning))
    assert abs(even["prb"]) < 0.03 < -lean["prb"]
    assert abs(even["prd"] - 1) < 0.02 < lean["prd"] - 1


def test_tenths_of_the_prices_are_equally_many_homes_in_order(judged: DataFrame) -> None:
    """Homes that sold high by chance stay where they belong: no tenth leans when errors are noise."""
    rows = metric_rows(judged, [], min_rows=1).toPandas().query("segment_column == 'price_decile'")
    tenths = rows.query("split == 'test' and metric == 'rmse_mean_price'").sort_values("segment")
    assert list(tenths["segment"]) == [f"{at:02}" for at in range(1, 11)]
    assert tenths["rows"].between(39, 41).all()
    far = tenths["value"].to_numpy()  # from the mean price: falling towards it, then rising
    assert far.argmin() not in (0, 9)
    assert far[9] == far.max()
    levels = rows.query("split == 'test' and metric == 'mean_log_ratio'")["value"]
    assert levels.abs().max() < 0.06


def test_quarters_of_the_time_are_in_order_where_rows_have_a_time(judged: DataFrame) -> None:
    assert "time_quarter" not in set(metric_rows(judged, [], min_rows=1).toPandas()["segment_column"])
    day = F.date_add(F.lit("2020-01-01").cast("date"), F.col("group_key").cast("int"))
    later_worse = F.col("prediction") * (1 + F.col("group_key").cast("int") / 4000)
    dated = judged.withColumns({"event_time": day, "prediction": later_worse})
    rows = metric_rows(dated, [], min_rows=1).toPandas().query("segment_column == 'time_quarter' and split == 'test'")
    ratios = rows.query("metric == 'median_ratio'").sort_values("segment")
    assert list(ratios["segment"]) == ["1", "2", "3", "4"]
    assert list(ratios["rows"]) == [100, 100, 100, 100]
    assert ratios["value"].is_monotonic_increasing


def test_a_segment_may_have_any_name(judged: DataFrame) -> None:
    odd = judged.withColumnsRenamed({"town": "segment"})
    assert set(metric_rows(odd, ["segment"], min_rows=1).toPandas()["segment"]) > {"large", "small", "all"}


def test_least_squares_agrees_with_numpy(judged: DataFrame) -> None:
    baselines = fit_baselines(judged, ["area"])
    frame = judged.toPandas()
    slope, intercept = np.polyfit(frame["area"], frame["label"], 1)
    assert baselines.coefficients["area"] == pytest.approx(slope, rel=1e-6)
    assert baselines.intercept == pytest.approx(intercept, rel=1e-6)
    assert baselines.mean == pytest.approx(frame["label"].mean())
    assert fit_baselines(judged, []).columns().keys() == {"mean_price", "ols"}
