"""Training sales in blocks: to the last bit what one index of all says, wherever the nearest ones lie."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from housing_spark.features.neighbours import NeighbourPrices, NeighbourPricesModel, blocks, stage
from housing_spark.features.neighbours.cells import Blocks, grow_blocks, grow_cells
from housing_spark.features.place import Place
from housing_spark.settings.features import Neighbours

ROWS = 3_000
FEATURES = ["area", "age"]
FEW = Neighbours(counts=(1, 5, 10), alike=("area",), kriging_count=12, min_rows=1, lag_days=20, block_rows=1_200)


def sales() -> pd.DataFrame:
    """Two towns and farms far apart; flats at one place, two in a group, some twice, some without a place."""
    draw = np.random.default_rng(8)
    towns = draw.choice([0.0, 5.0], ROWS) + draw.normal(0, 0.01, ROWS)
    is_farm = draw.random(ROWS) < 0.02
    latitude = np.round(np.where(is_farm, draw.uniform(-30, 30, ROWS), towns), 3)
    longitude = np.round(np.where(is_farm, draw.uniform(-30, 30, ROWS), draw.normal(0, 0.01, ROWS)), 3)
    area = draw.lognormal(4, 0.4, ROWS)
    keys = [f"{place:05d}" for place in range(ROWS)]
    return pd.DataFrame({
        "row_key": keys, "group_key": [f"g{place // 2}" for place in range(ROWS)],
        "content_hash": [f"c{place // 3}" if place % 50 < 3 else key for place, key in enumerate(keys)],
        "label": 1_000 * area + draw.normal(0, 9_000, ROWS),
        "latitude": np.where(draw.random(ROWS) < 0.02, np.nan, latitude), "longitude": longitude,
        "area": np.where(draw.random(ROWS) < 0.05, np.nan, area), "age": draw.integers(0, 90, ROWS),
        "event_time": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 900, ROWS), unit="D"),
    })  # fmt: skip


@pytest.fixture(scope="module")
def training(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(pa.Table.from_pandas(sales(), preserve_index=False)).repartition(7).cache()


def fitted(
    rows: DataFrame, place: Place, settings: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> NeighbourPricesModel:
    """In blocks, whatever the rows take."""
    with monkeypatch.context() as patched:
        patched.setattr(stage, "_MEGABYTE", 0)
        return NeighbourPrices(place, FEATURES, settings).fit(rows)


def found(rows: DataFrame, model: NeighbourPricesModel) -> pd.DataFrame:
    columns = model.transform(rows).select("row_key", *model.outputs)
    return columns.toPandas().sort_values("row_key").set_index("row_key")


PLACE = Place(("latitude", "longitude"), is_flat=False, is_timed=True, known={})


@pytest.fixture(scope="module")
def expected(training: DataFrame) -> pd.DataFrame:
    return found(training, NeighbourPrices(PLACE, FEATURES, FEW).fit(training))


def test_blocks_say_what_one_index_says(
    training: DataFrame, expected: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = fitted(training, PLACE, FEW, monkeypatch)
    assert len(model.facts.blocks) == 8
    pd.testing.assert_frame_equal(expected, found(training.coalesce(1), model), check_exact=True)


def test_blocks_by_place_alone_whenever_it_was(training: DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    place, settings = replace(PLACE, is_timed=False), FEW.model_copy(update={"alike_count": 0, "alike": ()})
    whole = found(training, NeighbourPrices(place, FEATURES, settings).fit(training))
    pd.testing.assert_frame_equal(
        whole, found(training, fitted(training, place, settings, monkeypatch)), check_exact=True
    )


def test_without_the_first_pass_far_neighbours_would_be_missed(
    training: DataFrame, expected: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = fitted(training, PLACE, FEW, monkeypatch)
    monkeypatch.setattr(blocks, "far_asking", lambda facts, cells, arrived: iter(()))
    bare = found(training, model)
    missed = (bare != expected).any(axis=1)
    assert 0.01 < missed.mean() < 0.9
    assert (bare.loc[missed, "near__distance_5"] >= expected.loc[missed, "near__distance_5"]).all()


def test_a_saved_model_needs_no_other_table(
    spark: SparkSession, training: DataFrame, expected: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = fitted(training, PLACE, FEW, monkeypatch)
    PipelineModel([model]).save(str(tmp_path / "model"))
    [loaded] = PipelineModel.load(str(tmp_path / "model")).stages
    assert loaded.facts == model.facts
    pd.testing.assert_frame_equal(expected, found(training, loaded), check_exact=True)
    bare = spark.createDataFrame([(0.001, 0.002), (None, 1.0)], "latitude double, longitude double")
    told = loaded.transform(bare).orderBy("latitude").select(*loaded.outputs).toPandas()
    assert told.iloc[0].tolist() == list(model.facts.usual)
    assert told.notna().all().all()
    assert (told.iloc[1] != told.iloc[0]).any()


def test_a_row_that_no_block_can_answer_asks_the_others_too(
    training: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = FEW.model_copy(update={"counts": (ROWS // 4,)})  # more than a block holds
    expected = found(training, NeighbourPrices(PLACE, FEATURES, most).fit(training))
    pd.testing.assert_frame_equal(
        expected, found(training, fitted(training, PLACE, most, monkeypatch)), check_exact=True
    )


def test_halos_hold_what_they_promise() -> None:
    draw = np.random.default_rng(4)
    ground = np.concatenate([draw.normal(size=(4_000, 2)), draw.normal(50, 0.1, size=(4_000, 2))])
    grown = grow_blocks(ground, 3, 2.0, grow_cells(ground, 5))
    home, held = grown.cells.of(ground), grown.holding(ground)
    assert held[np.arange(8_000), home].all()
    assert held.sum(axis=0) == pytest.approx(np.full(8, 3_000), rel=0.01)
    assert np.bincount(home) == pytest.approx(np.full(8, 1_000), abs=2)
    apart = np.sqrt(((ground[::20, None] - ground[None]) ** 2).sum(axis=2))
    for row, block in enumerate(home[::20]):
        [seen] = grown.seen_from(ground[::20][row : row + 1], block)
        assert apart[row, ~held[:, block]].min(initial=np.inf) > seen
    assert Blocks.from_json(json.loads(json.dumps(asdict(grown)))) == grown
