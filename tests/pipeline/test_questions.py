"""Every question answers, with a comment on every column; the important answers are computed again in pandas."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F

from housing_spark import views
from housing_spark.serving import load_questions
from housing_spark.tables import Run, Warehouse

NAMES = [question.name for question in load_questions()]


def answer(run: Run, name: str) -> pd.DataFrame:
    return views.answer(run.warehouse, name).toPandas()


def pandas_table(run: Run, name: str) -> pd.DataFrame:
    return DeltaTable(run.warehouse.path(name)).to_pandas()


def judged(run: Run) -> pd.DataFrame:
    """Test rows with price and prediction, from the files alone."""
    columns = ["row_key", "label", "city", "dwelling", "event_time"]
    rows = pandas_table(run, "predictions").merge(pandas_table(run, "features")[columns], on="row_key")
    rows["relative"] = (rows.prediction - rows.label) / rows.label
    return rows[rows.split == "test"]


@pytest.mark.parametrize("name", NAMES)
def test_a_question_returns_rows_and_explains_its_columns(asked: Run, name: str) -> None:
    shown = views.answer(asked.warehouse, name)
    assert not shown.isEmpty()
    assert [field.name for field in shown.schema.fields if not field.metadata.get("comment")] == []
    described = asked.spark.sql(f"DESCRIBE TABLE EXTENDED market.{name}").where("col_name = 'Comment'").collect()
    assert described[0]["data_type"].endswith("?")


def test_a_price_of_a_run_that_did_not_finish_is_not_seen_and_a_newer_one_wins(asked: Run, tmp_path: Path) -> None:
    shutil.copytree(asked.warehouse.location, tmp_path / "market_twice")
    twice = Warehouse(asked.spark, str(tmp_path), "market_twice")
    before = twice.read("predictions")
    homes = before.count()
    later = {"scored_at": F.current_timestamp(), "prediction": F.col("prediction") + 1}
    run_id, prediction_id = F.lit("later"), F.concat(F.lit("later-"), "row_key")
    newer = (
        before.orderBy("row_key")
        .limit(7)
        .withColumns(later | {"scoring_run_id": run_id, "prediction_id": prediction_id})
    )
    newer.write.format("delta").mode("append").save(twice.path("predictions"))
    views.register(twice)
    assert views.answer(twice, "predictions_latest").where("scoring_run_id = 'later'").isEmpty()
    run = twice.read("scoring_runs").withColumns({"scoring_run_id": run_id, "scored_at": F.current_timestamp()})
    run.write.format("delta").mode("append").save(twice.path("scoring_runs"))
    day, other_id = F.lit("2020-01-01").cast("date"), F.concat(F.lit("valued-"), "row_key")
    valued = newer.withColumns({"valued_on": day, "prediction": F.lit(1.0), "prediction_id": other_id})
    valued.write.format("delta").mode("append").save(twice.path("predictions"))
    latest = views.answer(twice, "predictions_latest")
    assert latest.count() == homes
    assert latest.where("valued_on is not null").isEmpty()
    assert latest.where("scoring_run_id = 'later'").count() == 7
    assert views.answer(twice, "prediction_passport").where("prediction_id like 'later-%'").count() == 7


def test_a_passport_names_everything_that_made_the_price(asked: Run) -> None:
    passport = views.answer(asked.warehouse, "prediction_passport")
    assert passport.count() == asked.warehouse.read("predictions").count()
    one, nullable = passport.limit(1).collect()[0], ("git_commit", "is_dirty", "range_group", "valued_on")
    assert all(one[name] is not None for name in passport.columns if name not in nullable)
    trials = pandas_table(asked, "trials").sort_values("loss")
    assert (one["study"], one["parameters"]) == (trials.study.iloc[0], trials.parameters.iloc[0])


def test_the_errors_by_segment_are_those_of_the_predictions(asked: Run) -> None:
    rows = judged(asked)
    shown = answer(asked, "error_by_segment").set_index(["segment_column", "segment"])
    rmse = ((rows.prediction - rows.label) ** 2).groupby(rows.city).mean() ** 0.5
    cities = shown.loc["city"]
    assert cities.rmse.to_dict() == pytest.approx(rmse[cities.index].to_dict())
    everything = ((rows.prediction - rows.label) ** 2).mean() ** 0.5
    assert cities.rmse_over_all.to_dict() == pytest.approx((rmse[cities.index] / everything).to_dict())
    assert set(shown.index.get_level_values(0)) == {"all", "city", "dwelling"}


def test_the_ratio_study_and_the_lean_are_those_of_the_predictions(asked: Run) -> None:
    rows = judged(asked)
    ratio, level = rows.prediction / rows.label, answer(asked, "ratio_study").set_index(["segment_column", "segment"])
    whole = level.loc[("all", "all")]
    assert whole.cod == pytest.approx(100 * (ratio / whole.median_ratio - 1).abs().mean(), rel=1e-4)
    assert whole.prd == pytest.approx(ratio.mean() / (rows.prediction.sum() / rows.label.sum()))
    assert set(level.index.get_level_values(0)) == {"all", "city", "dwelling", "price_decile", "time_quarter"}
    logs, lean = np.log(ratio), answer(asked, "segment_lean").set_index(["segment_column", "segment"])
    for city in lean.loc["city"].index:
        gap = logs[rows.city == city].mean() - logs[rows.city != city].mean()
        assert lean.loc[("city", city), "lean"] == pytest.approx(np.expm1(gap), rel=1e-4)
    assert lean.lean_chance.between(0, 1).all()


def test_errors_of_the_model_go_together_by_place_less_than_those_of_least_squares(asked: Run) -> None:
    rows = pandas_table(asked, "model_metrics").query("split == 'test' and segment_column == 'all'")
    figures = rows.set_index("metric")["value"]
    assert figures["moran_i"] < figures["moran_ols_i"]
    assert figures["moran_ols_chance"] == 1 / 500


def test_prices_by_segment_are_medians_of_every_home(asked: Run) -> None:
    rows = pandas_table(asked, "features")
    shown = answer(asked, "median_price_by_segment").set_index(["segment_column", "segment"])
    assert shown.loc[("all", "all"), "homes"] == len(rows)
    lower_median = rows.groupby("dwelling").label.quantile(0.5, interpolation="lower")
    assert shown.loc["dwelling"].median_price.to_dict() == pytest.approx(lower_median.to_dict())
    assert shown.loc["city"].homes.to_dict() == rows.city.value_counts().to_dict()
    priced = pandas_table(asked, "predictions")
    assert shown.loc[("all", "all"), "median_prediction"] == pytest.approx(
        priced.prediction.quantile(0.5, interpolation="lower")
    )


def test_misses_bargains_and_coverage_are_those_of_test_rows(asked: Run) -> None:
    rows = judged(asked)
    misses = answer(asked, "biggest_misses")
    expected = rows.assign(size=rows.relative.abs()).nlargest(100, "size")
    assert list(misses.row_key) == list(expected.row_key)
    below = rows[rows.label < rows.prediction_lower]
    assert set(answer(asked, "undervalued_listings").row_key) == set(below.row_key)
    bands = answer(asked, "coverage_by_price_band")
    assert list(bands.price_band) == list(range(1, 11))
    assert bands.rows.sum() == len(rows)
    assert bands.rows.min() > 0.09 * len(rows)
    inside = rows.label.between(rows.prediction_lower, rows.prediction_upper)
    assert (bands.coverage * bands.rows).sum() == pytest.approx(inside.sum())
    assert (bands.lowest_price.iloc[1:].to_numpy() > bands.highest_price.iloc[:-1].to_numpy()).all()


def test_the_gate_the_search_and_the_jobs_are_told(asked: Run) -> None:
    assert answer(asked, "champion").model_version.to_list() == [1]
    versions = answer(asked, "model_versions")
    assert versions.is_champion.to_list() == [True]
    figures = pandas_table(asked, "model_metrics").query("split == 'test' and segment_column == 'all'")
    assert versions.test_rmse[0] == figures[figures.metric == "rmse"].value.item()
    sentences = " ".join(answer(asked, "gate_decisions").sentence)
    assert "version 1 passes: its range covers" in sentences
    assert "below that of least squares (needed: 5.0 %)" in sentences
    history = answer(asked, "search_history")
    assert history.best_so_far.iloc[-1] == history.loss.min() == history[history.rank_in_study == 1].loss.item()
    assert set(answer(asked, "job_summary").job) >= {"ingest", "clean", "features", "train", "score"}
    assert answer(asked, "batches_over_time").rows_in.sum() == 2 * len(pandas_table(asked, "raw"))


def test_without_a_refused_row_the_answer_is_a_zero(asked: Run) -> None:
    reasons = answer(asked, "set_aside_by_reason").set_index("code")
    refused = pandas_table(asked, "quarantine")
    assert reasons.loc["all", "rows"] == len(refused)
    assert reasons.drop("all").rows.sum() == refused.reasons.map(len).sum()
