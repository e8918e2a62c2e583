"""The whole path on a small market: real Delta, real MLflow, every stage."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deltalake
import pytest
from pyspark.sql import functions as F

from housing_spark import exports, gating, judging, operations, pipeline
from housing_spark.errors import GateRefusedError, InputRefusedError, TableDamagedError
from housing_spark.registering import registry_of
from housing_spark.settings import Settings
from housing_spark.tables import Run, Warehouse
from tests.conftest import run_stages
from tests.pipeline.conftest import ROWS, again


def versions(warehouse: Warehouse) -> dict[str, int]:
    names = [path.parent.name for path in Path(warehouse.location).glob("*/_delta_log")]
    return {name: warehouse.version(name) for name in names if name != "job_runs"}


def test_rows_in_are_clean_plus_quarantined_plus_duplicates(market: Any) -> None:
    run, reports = market
    clean = reports["clean"]
    assert clean.rows_in == ROWS == run.warehouse.read("raw").count()
    assert clean.rows_in == clean.rows_out + clean.rows_quarantined + clean.rows_duplicate
    assert run.warehouse.read("clean").count() == clean.rows_out
    assert run.warehouse.read("quarantine").count() == clean.rows_quarantined


def test_the_model_beats_the_baselines_and_is_champion(market: Any) -> None:
    run, reports = market
    test = reports["evaluate"].details["test"]
    assert test["rmse"] < 0.8 * test["rmse_ols"] < test["rmse_mean_price"]
    assert 0.5 < test["coverage"] < 0.99
    assert registry_of(run).champion_version() == 1
    decisions = run.warehouse.read("promotion_decisions").collect()
    rules = {row["rule"] for row in decisions}
    assert rules >= {"gain_over_ols", "worst_segment_ratio", "coverage_at_least", "native_difference"}
    assert all(row["passed"] for row in decisions)


def test_every_prediction_has_its_passport(market: Any) -> None:
    run, reports = market
    predictions = run.warehouse.read("predictions")
    assert predictions.count() == reports["clean"].rows_out
    passport = run.warehouse.read("scoring_runs").collect()
    assert len(passport) == 1
    assert predictions.select("scoring_run_id").distinct().collect()[0][0] == passport[0]["scoring_run_id"]
    assert passport[0]["rows"] == predictions.count()
    assert json.loads(passport[0]["packages"])["pyspark"].startswith("4.1")
    assert len(passport[0]["artifact_sha256"]) == 64
    assert passport[0]["engine"] == "native"
    assert predictions.where("not (prediction_lower < prediction and prediction < prediction_upper)").isEmpty()
    parts = {row["split"]: row["count"] for row in predictions.groupBy("split").count().collect()}
    assert set(parts) == {"train", "validation", "calibration", "test"}


def test_the_same_run_again_writes_nothing_but_its_record(market: Any) -> None:
    run, _ = market
    before = versions(run.warehouse)
    reports = run_stages(again(run, "second"))
    assert {report.status for report in reports.values()} == {"already applied"}
    assert versions(run.warehouse) == before


def test_the_same_content_under_another_name_adds_nothing(market: Any, tmp_path: Path) -> None:
    run, _ = market
    source = next(Path(run.input).glob("part-*.csv"))
    (tmp_path / "renamed.csv").write_bytes(source.read_bytes())
    assert pipeline.ingest(again(run, "renamed", input=str(tmp_path / "renamed.csv"))).status == "already applied"


def test_every_table_opens_in_another_engine(market: Any) -> None:
    run, _ = market
    for table in (*versions(run.warehouse), "job_runs"):
        other = deltalake.DeltaTable(run.warehouse.path(table))
        assert other.to_pyarrow_table().num_rows == run.warehouse.read(table).count()
        assert all(field.metadata.get("comment") for field in other.schema().fields), table


def test_sql_knows_every_table_by_name(market: Any) -> None:
    run, _ = market
    for table in (*versions(run.warehouse), "job_runs"):
        answer = operations.query([run.warehouse], f"select count(*) from market.{table}").collect()
        assert answer[0][0] == run.warehouse.read(table).count()


def test_a_changed_rule_recomputes_what_depends_on_it(market_copy: Any) -> None:
    run, reports = market_copy
    stricter = run.contract.model_copy(update={"rules": {**run.contract.rules, "not_tiny": "living_area_m2 > 40"}})
    quality = run.settings.quality.model_copy(update={"max_quarantined_share": 0.9})
    settings = run.settings.model_copy(update={"quality": quality})
    changed = again(run, "stricter", contract=stricter, settings=settings)
    done = run_stages(changed, "ingest", "clean", "features")
    assert done["ingest"].status == "already applied"
    assert done["clean"].status == done["features"].status == "done"
    assert done["clean"].rows_quarantined > reports["clean"].rows_quarantined
    back = run_stages(again(run, "back"), "ingest", "clean", "features")
    assert back["clean"].rows_out == reports["clean"].rows_out
    assert run.warehouse.read("clean").count() == reports["clean"].rows_out


def test_new_rows_without_a_label_are_priced_and_exported(market_copy: Any, tmp_path: Path) -> None:
    run, _ = market_copy
    rows = list(csv.DictReader(next(Path(run.input).glob("part-*.csv")).open()))[:3]
    for number, row in enumerate(rows):
        row.update(sale_id=str(900_000 + number), district="=Unseen-99")
        del row["price"]
    with (tmp_path / "new.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    new = again(run, "new rows", input=str(tmp_path / "new.csv"), is_label_optional=True)
    reports = run_stages(new, "ingest", "clean", "features", "score")
    assert reports["score"].rows_out == 3
    predictions = operations.predictions_of(new, reports["score"].details["scoring_run_id"])
    assert {row["split"] for row in predictions.collect()} == {None}
    assert predictions.where("prediction > 0").count() == 3
    assert exports.export_to_csv(predictions, str(tmp_path / "out.csv")) == 3
    exported = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert {row["sale_id"] for row in exported} == {"900000", "900001", "900002"}
    assert {row["is_extrapolation"] for row in exported} == {"True"}
    assert {tuple(json.loads(row["extrapolated_inputs"])) for row in exported} == {("district",)}
    assert [one["level"] for one in json.loads(exported[0]["ranges"])] == [0.5, 0.8, 0.9, 0.95]


def test_a_changed_model_folder_is_not_loaded(market: Any) -> None:
    registry = registry_of(market[0])
    store = Path(market[0].warehouse.location).parent / "_mlflow"
    planted = next(store.rglob("MLmodel")).parent / "planted.txt"
    planted.write_text("x")
    try:
        with pytest.raises(TableDamagedError, match="E-MODEL-001"):
            registry.load(1)
    finally:
        planted.unlink()
    assert registry.load(1).version == 1


def with_gate(run: Run, **changes: Any) -> Settings:
    return run.settings.model_copy(update={"gate": run.settings.gate.model_copy(update=changes)})


def test_the_gate_refuses_what_it_cannot_judge(market: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run, registry = market[0], registry_of(market[0])
    monkeypatch.setattr(gating, "_LEAST_BUCKETS", 10_000)
    with pytest.raises(GateRefusedError, match="E-GATE-003"):
        gating.gate_figures(run, registry, 1, champion=1)
    figures = judging.test_figures(run, 1)
    monkeypatch.setattr(judging, "test_figures", lambda *_: {"rmse": figures["rmse"]})
    with pytest.raises(InputRefusedError, match="E-GATE-004"):
        gating.gate_figures(run, registry, 1, champion=None)


def test_a_second_model_must_beat_the_first_and_can_be_rolled_back(market_copy: Any) -> None:
    run, _ = market_copy
    same = again(run, "same", is_full=True)
    judged = run_stages(same, "train", "evaluate")["evaluate"]
    assert "version 1&#39;s (the champion then)" in Path(judged.details["report"]).read_text()
    report = pipeline.promote(again(run, "gate"))
    assert report.details["refused"] == ["gain_over_champion", "least_gain_over_champion"]
    registry = registry_of(run)
    assert registry.champion_version() == 1
    assert pipeline.train(again(run, "plain")).status == "already applied"
    dry = pipeline.promote(again(run, "dry", settings=with_gate(run, mode="dry_run", min_gain_over_champion=0)))
    assert dry.details["refused"] == ["least_gain_over_champion", "dry_run"]
    assert registry.champion_version() == 1
    pipeline.promote(again(run, "off", settings=with_gate(run, mode="off")))
    assert registry.champion_version() == 2
    unjudged = run.warehouse.read("promotion_decisions").where("rule = 'gate_off'").collect()
    assert [(row["candidate_version"], row["champion_version"], row["value"]) for row in unjudged] == [(2, 1, None)]
    assert pipeline.score(again(run, "second")).rows_out == run.warehouse.read("features").count()
    operations.roll_back(again(run, "rollback"))
    assert registry.champion_version() == 1
    assert pipeline.score(again(run, "first again")).rows_out == run.warehouse.read("features").count()
    assert pipeline.score(again(run, "once more")).status == "already applied"
    assert not run.warehouse.read("promotion_decisions").where(F.col("rule") == "rollback").isEmpty()


def test_without_a_champion_nothing_is_priced(market: Any, make_run: Callable[..., Run]) -> None:
    with pytest.raises(GateRefusedError, match="E-GATE-001"):
        pipeline.score(make_run(market[0].contract))
