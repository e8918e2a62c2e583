"""Neighbour prices: what a search through every row says, a row's own sale unseen, the same after it was saved."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from housing_spark.earth import EARTH_KM
from housing_spark.errors import ConfigurationError, InputRefusedError
from housing_spark.features.grown import Inputs
from housing_spark.features.neighbours import NeighbourPrices, NeighbourPricesModel
from housing_spark.features.neighbours.kriging import kriged
from housing_spark.features.neighbours.nearest import Nearest
from housing_spark.features.place import Place
from housing_spark.features.stages import VECTOR, feature_pipeline
from housing_spark.settings.features import Features, Neighbours

ROWS = 900
PLACE = Place(("latitude", "longitude"), is_flat=False, is_timed=False, known={})
FEW = Neighbours(counts=(1, 5), alike=("area",), min_rows=ROWS)


def sales(draw: np.random.Generator) -> pd.DataFrame:
    """Two homes in every group; the dearer, the further north; some without a place."""
    latitude, longitude = draw.uniform(40, 41, ROWS), draw.uniform(-80, -79, ROWS)
    area = draw.lognormal(4, 0.4, ROWS)
    price = 1_000 * area + 500_000 * (latitude - 40) + draw.normal(0, 1_000, ROWS)
    keys = [f"{place:04d}" for place in range(ROWS)]
    return pd.DataFrame({
        "row_key": keys, "content_hash": keys, "group_key": [f"g{place // 2}" for place in range(ROWS)],
        "label": price, "latitude": np.where(draw.random(ROWS) < 0.02, np.nan, latitude), "longitude": longitude,
        "area": area, "event_time": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 900, ROWS), unit="D"),
    })  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return sales(np.random.default_rng(3))


@pytest.fixture(scope="module")
def training(spark: SparkSession, table: pd.DataFrame) -> DataFrame:
    return spark.createDataFrame(pa.Table.from_pandas(table, preserve_index=False)).cache()


def found(rows: DataFrame, model: NeighbourPricesModel) -> pd.DataFrame:
    columns = model.transform(rows).select("row_key", *model.outputs)
    return columns.toPandas().sort_values("row_key").set_index("row_key")


def kilometres(table: pd.DataFrame) -> np.ndarray:
    """Between all rows, by the haversine formula."""
    latitude, longitude = np.radians(table["latitude"].to_numpy()), np.radians(table["longitude"].to_numpy())
    half = (
        np.sin((latitude[:, None] - latitude) / 2) ** 2
        + np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * np.arcsin(np.sqrt(half))


@pytest.mark.parametrize("is_timed", [False, True])
def test_neighbours_are_those_of_a_search_through_every_row(
    training: DataFrame, table: pd.DataFrame, *, is_timed: bool
) -> None:
    place = Place(PLACE.columns, is_flat=False, is_timed=is_timed, known={})
    out = found(training, NeighbourPrices(place, ["area"], FEW.model_copy(update={"lag_days": 30})).fit(training))
    distances, prices = kilometres(table), table["label"].to_numpy()
    usual = np.median(prices[table["latitude"].notna()])
    groups, days = table["group_key"].to_numpy(), table["event_time"].to_numpy()
    for row in range(ROWS):
        allowed = (groups != groups[row]) & ~np.isnan(distances[row])
        if is_timed:
            allowed &= days < days[row] - np.timedelta64(30, "D")
        nearest = np.flatnonzero(allowed)[np.argsort(distances[row][allowed])][:5]
        if len(nearest) == 0:
            assert (out.iloc[row][["near__price_1", "near__price_5"]] == usual).all()
            assert out["near__distance_5"].iloc[row] > np.nanmax(distances)
            continue
        assert out["near__price_1"].iloc[row] == pytest.approx(prices[nearest[0]])
        assert out["near__price_5"].iloc[row] == pytest.approx(prices[nearest].mean())
        if len(nearest) == 5:
            assert out["near__distance_5"].iloc[row] == pytest.approx(distances[row][nearest[4]], abs=1e-4)


def test_no_price_reaches_its_own_features(spark: SparkSession, training: DataFrame, table: pd.DataFrame) -> None:
    before = found(training, NeighbourPrices(PLACE, ["area"], FEW).fit(training))
    changed = table.assign(label=np.where(table.index < 2, 9e9, table["label"]))
    rows = spark.createDataFrame(pa.Table.from_pandas(changed, preserve_index=False))
    after = found(rows, NeighbourPrices(PLACE, ["area"], FEW).fit(rows))
    pd.testing.assert_frame_equal(before.iloc[:2], after.iloc[:2], rtol=1e-6)
    assert (after["near__price_5"] > 1e9).any()


def test_layout_and_saving_do_not_change_a_bit(training: DataFrame, tmp_path: Path) -> None:
    model = NeighbourPrices(PLACE, ["area"], FEW).fit(training)
    again = NeighbourPrices(PLACE, ["area"], FEW).fit(training.orderBy("label").repartition(7))
    PipelineModel([model]).save(str(tmp_path / "model"))
    [loaded] = PipelineModel.load(str(tmp_path / "model")).stages
    expected = found(training, model)
    for other in (again, loaded):
        pd.testing.assert_frame_equal(expected, found(training.repartition(3), other), check_exact=True)


def test_rows_that_are_only_described_need_no_key(training: DataFrame) -> None:
    model = feature_pipeline(Inputs(("area", *PLACE.columns), (), PLACE), "index", Features(neighbours=FEW)).fit(
        training
    )
    names = ["near__price_5", "near__distance_5", "alike__price_5", "axis__45"]
    bare = model.transform(training.select("latitude", "longitude", "area")).select(*names, VECTOR).toPandas()
    assert bare.notna().all().all()
    alone = Features(neighbours=FEW, rotations=())
    too_few = alone.model_copy(update={"neighbours": FEW.model_copy(update={"min_rows": ROWS + 1})})
    for without in (alone.without("neighbours"), too_few):
        plain = feature_pipeline(Inputs(("area",), (), PLACE), "index", without).fit(training)
        assert len(plain.transform(training).first()[VECTOR]) == 1


def test_prices_among_homes_alike_are_those_of_a_search_too(training: DataFrame, table: pd.DataFrame) -> None:
    model = NeighbourPrices(PLACE, ["area"], FEW).fit(training)
    out = found(training, model)
    space = model.facts.mixed
    positions = space.positions(table[["latitude", "longitude"]].to_numpy(), table[["area"]].to_numpy())
    assert np.nanmax(positions[:, 3]) == 1.0
    distances = np.sqrt(((positions[:, None] - positions[None]) ** 2).sum(axis=2))
    groups, prices = table["group_key"].to_numpy(), table["label"].to_numpy()
    for row in np.flatnonzero(table["latitude"].notna())[:200]:
        allowed = (groups != groups[row]) & ~np.isnan(distances[row])
        nearest = np.flatnonzero(allowed)[np.argsort(distances[row][allowed])][:5]
        assert out["alike__price_5"].iloc[row] == pytest.approx(prices[nearest].mean())


def test_a_training_row_whose_place_cannot_be_is_no_neighbour(spark: SparkSession, table: pd.DataFrame) -> None:
    swapped = table.assign(latitude=np.where(table.index == 7, -118.0, table["latitude"]))
    rows = spark.createDataFrame(pa.Table.from_pandas(swapped, preserve_index=False))
    model = NeighbourPrices(PLACE, ["area"], FEW).fit(rows)
    assert model.reference.num_rows == table["latitude"].notna().sum() - 1
    assert np.isfinite(found(rows, model).to_numpy()).all()


def test_where_no_row_has_a_place_the_columns_are_named(training: DataFrame) -> None:
    nowhere = training.withColumn("latitude", training["latitude"] * None)
    with pytest.raises(InputRefusedError, match="E-TRAIN-010 columns latitude and longitude: no training row"):
        NeighbourPrices(PLACE, ["area"], FEW).fit(nowhere)
    with pytest.raises(ConfigurationError, match=r"E-CFG-016 features.neighbours.alike: 'typo'"):
        feature_pipeline(Inputs(("area",), (), PLACE), "index", Features(neighbours=Neighbours(alike=("typo",))))


def test_a_row_does_not_see_rows_of_its_content(spark: SparkSession, table: pd.DataFrame) -> None:
    twice = pd.concat([table, table.assign(row_key="x" + table["row_key"], group_key="x" + table["group_key"])])
    rows = spark.createDataFrame(pa.Table.from_pandas(twice, preserve_index=False))
    out = found(rows, NeighbourPrices(PLACE, ["area"], FEW).fit(rows))
    placed = out.loc[twice.set_index("row_key")["latitude"].notna()]
    assert (placed["near__price_1"] != twice.set_index("row_key")["label"].loc[placed.index]).all()


def test_prices_of_the_nearest_are_kriged_where_homes_alike_count_as_nearer(
    training: DataFrame, table: pd.DataFrame
) -> None:
    model = NeighbourPrices(PLACE, ["area"], FEW).fit(training)
    out, distances = found(training, model), kilometres(table)
    space = model.facts.narrow
    assert space.unit == pytest.approx(model.facts.mixed.unit / 3)
    positions = space.positions(table[["latitude", "longitude"]].to_numpy(), table[["area"]].to_numpy())
    groups, prices = table["group_key"].to_numpy(), table["label"].to_numpy()
    for row in np.flatnonzero(table["latitude"].notna())[:100]:
        allowed = (groups != groups[row]) & ~np.isnan(distances[row])
        nearest = np.flatnonzero(allowed)[np.argsort(distances[row][allowed])][:10]
        apart = np.sqrt(((positions[nearest] - positions[row]) ** 2).sum(axis=1))
        expected = kriged(Nearest(apart[None], nearest[None]), positions, prices)
        assert out["near__price_kriged"].iloc[row] == pytest.approx(expected[0], rel=1e-6)
