"""Prices kriged among homes alike further away: those of a search through every row, of a sample by hash."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from housing_spark.features.neighbours import NeighbourPrices, NeighbourPricesModel, WiderPricesModel
from housing_spark.features.neighbours.kriging import kriged
from housing_spark.features.neighbours.nearest import Nearest
from housing_spark.features.place import Place
from housing_spark.settings.features import Neighbours

ROWS = 1_500
PLACE = Place(("latitude", "longitude"), is_flat=False, is_timed=True, known={})
SETTINGS = Neighbours(counts=(1, 5), alike=("area",), kriging_count=8, lag_days=30, wide_reaches=(0.2, 2.0))


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    keys = [f"{place:04d}" for place in range(ROWS)]
    latitude = np.where(draw.random(ROWS) < 0.02, np.nan, draw.uniform(40, 41, ROWS))
    return pd.DataFrame({
        "row_key": keys, "content_hash": keys, "group_key": [f"g{place // 2}" for place in range(ROWS)],
        "label": draw.lognormal(12, 0.4, ROWS), "latitude": latitude, "longitude": draw.uniform(-80, -79, ROWS),
        "area": draw.lognormal(4, 0.4, ROWS),
        "event_time": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 900, ROWS), unit="D"),
    })  # fmt: skip


def framed(spark: SparkSession, table: pd.DataFrame) -> DataFrame:
    return spark.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))


@pytest.fixture(scope="module")
def training(spark: SparkSession, table: pd.DataFrame) -> DataFrame:
    return framed(spark, table).cache()


def fitted(rows: DataFrame, **given: object) -> tuple[NeighbourPricesModel, WiderPricesModel]:
    settings = SETTINGS.model_copy(update=given)
    model = NeighbourPrices(PLACE, ["area"], settings).fit(rows)
    wider = WiderPricesModel.beside(model, settings)
    assert wider is not None
    return model, wider


def found(rows: DataFrame, model: WiderPricesModel) -> pd.DataFrame:
    columns = model.transform(rows).select("row_key", *model.outputs)
    return columns.toPandas().sort_values("row_key").set_index("row_key")


def test_prices_are_kriged_among_those_of_a_search_through_every_row(training: DataFrame, table: pd.DataFrame) -> None:
    near, model = fitted(training)
    out = found(training, model)
    days, groups, prices = table["event_time"].to_numpy(), table["group_key"].to_numpy(), table["label"].to_numpy()
    placed = np.flatnonzero(table["latitude"].notna())
    for place, space in enumerate(model.facts.spaces):
        assert space.unit == pytest.approx((10, 100)[place] * near.facts.mixed.unit)
        positions = space.positions(table[["latitude", "longitude"]].to_numpy(), table[["area"]].to_numpy())
        for row in placed[:150]:
            distances = np.sqrt(((positions - positions[row]) ** 2).sum(axis=1))
            is_seen = (groups != groups[row]) & (days < days[row] - np.timedelta64(30, "D")) & np.isfinite(distances)
            nearest = np.flatnonzero(is_seen)[np.argsort(distances[is_seen])][:8]
            if len(nearest) == 0:
                assert out.iloc[row, place] == model.facts.usual
                continue
            expected = kriged(Nearest(distances[None, nearest], nearest[None]), positions, prices)
            assert out.iloc[row, place] == pytest.approx(expected[0], rel=1e-6)
    nowhere = out.loc[table.set_index("row_key")["latitude"].isna()]
    assert (nowhere == np.median(prices[placed])).all(axis=None)


def test_no_price_reaches_its_own_features(spark: SparkSession, training: DataFrame, table: pd.DataFrame) -> None:
    before = found(training, fitted(training)[1])
    rows = framed(spark, table.assign(label=np.where(table.index < 2, 9e9, table["label"])))
    after = found(rows, fitted(rows)[1])
    pd.testing.assert_frame_equal(before.iloc[:2], after.iloc[:2], rtol=1e-9)
    assert (after.max() > 1e9).all()


def test_the_sample_and_every_bit_are_the_same_in_blocks_in_any_layout_and_after_saving(
    training: DataFrame, tmp_path: Path
) -> None:
    near, model = fitted(training, wide_rows=400)
    assert 300 < model.reference.num_rows < 500
    in_blocks, again = fitted(
        training.orderBy("label").repartition(7), wide_rows=400, broadcast_mb=1e-3, block_rows=ROWS // 2
    )
    assert (near.facts.blocks, in_blocks.facts.blocks is None) == (None, False)
    PipelineModel([near, model]).save(str(tmp_path / "model"))
    loaded = PipelineModel.load(str(tmp_path / "model")).stages[1]
    expected = found(training, model)
    for other in (again, loaded):
        pd.testing.assert_frame_equal(expected, found(training.repartition(3), other), check_exact=True)


def test_both_models_of_a_pipeline_answer_in_one_process(training: DataFrame) -> None:
    near, model = fitted(training)
    both = PipelineModel([near, model]).transform(training.coalesce(1)).select("row_key", *near.outputs, *model.outputs)
    together = both.toPandas().sort_values("row_key").set_index("row_key")
    pd.testing.assert_frame_equal(together[list(model.outputs)], found(training, model), check_exact=True)


@pytest.mark.parametrize("given", [{"wide_reaches": ()}, {"kriging_count": 0}])
def test_there_is_none_where_nothing_is_kriged(training: DataFrame, given: dict[str, object]) -> None:
    settings = SETTINGS.model_copy(update=given)
    assert WiderPricesModel.beside(NeighbourPrices(PLACE, ["area"], settings).fit(training), settings) is None
