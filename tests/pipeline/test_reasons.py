"""The reasons behind prices, from the command to the table: sums, sources, and one home."""

import json
from pathlib import Path
from typing import Any

import deltalake
import numpy as np
import pandas as pd
import pytest

from housing_spark import explaining, judging
from housing_spark.commands import explain as command
from housing_spark.errors import InputRefusedError, TableDamagedError
from housing_spark.registering import registry_of
from tests.pipeline.conftest import again

ROWS = 200


@pytest.fixture(scope="module")
def explained(market: Any) -> tuple[Any, pd.DataFrame]:
    run = market[0]
    settings = run.settings.model_copy(
        update={"explanation": run.settings.explanation.model_copy(update={"rows": ROWS, "top_reasons": 3})}
    )
    run = again(run, "why", settings=settings)
    report = explaining.explain(run)
    assert report.rows_out == ROWS
    assert report.details["largest_difference"] < explaining.MOST_DIFFERENCE
    table = deltalake.DeltaTable(Path(run.settings.warehouse) / "market" / "explanations").to_pandas()
    return run, table.set_index("row_key").sort_index()


def test_reasons_add_up_to_the_price(explained: Any) -> None:
    _, table = explained
    for whole in ("reasons", "contributions"):
        sums = [sum(_numbers(one, whole)) for one in table[whole]]
        assert (table["base_price"] + sums).to_numpy() == pytest.approx(table["prediction"].to_numpy(), rel=1e-9)
    days = pd.to_datetime(_described(explained[0])["event_time"]).loc[table.index]
    assert (table.groupby(days)["base_price"].nunique() == 1).all()  # of a day, in money of that day
    assert table["base_price"].nunique() > 1
    assert (table["reasons"].map(len) == 4).all()


def _described(run: Any) -> pd.DataFrame:
    folder = Path(run.settings.warehouse) / "market" / "features"
    return deltalake.DeltaTable(folder).to_pandas().set_index("row_key")


def test_prices_are_those_that_were_scored(explained: Any) -> None:
    run, table = explained
    scored = deltalake.DeltaTable(Path(run.settings.warehouse) / "market" / "predictions").to_pandas()
    prices = scored.set_index("row_key")["prediction"].loc[table.index]
    assert table["prediction"].to_numpy() == pytest.approx(prices.to_numpy(), rel=1e-5)


def test_the_largest_come_first_and_columns_are_folded_to_what_a_person_knows(explained: Any) -> None:
    run, table = explained
    sizes = np.array([[abs(one["contribution"]) for one in reasons[:3]] for reasons in table["reasons"]])
    assert (np.diff(sizes, axis=1) <= 0).all()
    assert {reasons[3]["feature"] for reasons in table["reasons"]} == {"all others"}
    sources = {name for pairs in table["contributions"] for name, _ in pairs}
    known = {"location", "neighbours", "time", *run.contract.numeric_features, *run.contract.features.categorical}
    assert sources <= known | set(run.contract.features.derived)
    assert "location" in sources
    assert not any("__" in name for name in sources)


def test_importance_is_the_mean_size_of_contributions(explained: Any) -> None:
    run, table = explained
    importance = json.loads(run.done["explain"]["details"])["importance"]
    sizes = pd.DataFrame([{name: abs(value) for name, value in pairs} for pairs in table["contributions"]]).mean()
    assert importance == pytest.approx(sizes.to_dict())
    assert list(importance.values()) == sorted(importance.values(), reverse=True)


def test_errors_grow_where_what_prices_depend_on_is_swapped(explained: Any) -> None:
    run, _ = explained
    rises = json.loads(run.done["explain"]["details"])["permutation"]
    chosen = run.contract.features
    place = set(run.contract.location.columns)
    own = {*run.contract.numeric_features, *chosen.categorical, *chosen.derived} - place
    assert set(rises) == own | {"location", "event_time"}
    assert "living_area_m2" in list(rises)[:3]
    assert rises["living_area_m2"] > 10 * abs(rises["dwelling"])


def test_comparable_sales_are_earlier_training_sales_at_their_prices(explained: Any) -> None:
    run, table = explained
    rows = run.warehouse.read("features").toPandas().set_index("sale_id")
    split = (
        judging.parted_rows(run, registry_of(run).load(1)).select("sale_id", "split").toPandas().set_index("sale_id")
    )
    for key, sales in table["comparable_sales"].items():
        own = rows[rows["row_key"] == key].iloc[0]
        for one in sales:
            sale = rows.loc[int(one["key"])]
            assert one["price"] == sale["label"]
            assert sale["event_time"] < own["event_time"]
            assert split.loc[int(one["key"]), "split"] == "train"
            assert sale["row_key"] != key
            assert one["distance"] >= 0
    assert (table["comparable_sales"].map(len) == 5).mean() > 0.9


def test_comparable_sales_are_more_alike_than_others(explained: Any) -> None:
    run, table = explained
    pooled = run.warehouse.read("features").toPandas().set_index("sale_id")["label"]
    named = table[table["comparable_sales"].map(len) > 0]
    own = named["prediction"].to_numpy()
    means = np.array([np.mean([one["price"] for one in sales]) for sales in named["comparable_sales"]])
    assert np.abs(np.log(means / own)).mean() < 0.5 * np.abs(np.log(pooled.mean() / own)).mean()


def test_the_same_sample_again_writes_nothing(explained: Any) -> None:
    run, _ = explained
    assert explaining.explain(run).status == "already applied"


def test_one_home_is_explained_as_it_is_in_the_table(explained: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run, table = explained
    key = table.index[0]
    home = explaining.explain_home(run, key)
    assert home["prediction"] == pytest.approx(table.loc[key, "prediction"], rel=1e-12)
    assert home["contributions"] == pytest.approx(dict(table.loc[key, "contributions"]), rel=1e-9, abs=1e-6)
    named = ",".join(str(home[name]) for name in run.contract.key)
    assert explaining.explain_home(run, named)["row_key"] == key
    command.show_home(home, "USD", as_json=True)
    assert json.loads(capsys.readouterr().out)["row_key"] == key
    command.show_home(home, "USD", as_json=False)
    shown = capsys.readouterr().out
    assert home["reasons"][0]["feature"] in shown
    assert f"{home['prediction']:,.0f}" in shown


def test_a_home_that_is_not_there_is_refused(explained: Any) -> None:
    with pytest.raises(InputRefusedError, match=r"E-EXPL-002 --row nowhere: no home has this key; give .*row_key"):
        explaining.explain_home(explained[0], "nowhere")


def test_trees_that_did_not_make_the_price_are_found_out(explained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run, table = explained
    model = registry_of(run).load(1)
    trees = explaining.price_explainer(run, model)
    monkeypatch.setattr(explaining, "price_explainer", lambda *_: type(trees)(trees.trees[:-1]))
    with pytest.raises(TableDamagedError, match=r"E-EXPL-001 market_price version 1, row \w+: .*train it again"):
        explaining.explain_home(run, table.index[0])


def _numbers(one: Any, whole: str) -> list[float]:
    return [pair[1] for pair in one] if whole == "contributions" else [reason["contribution"] for reason in one]
