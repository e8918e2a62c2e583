"""Studies: what differs is what is said to differ; whole blocks, nested samples, families that matter; all told."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from housing_spark import features, modelling, studying
from housing_spark.contract import Contract
from housing_spark.errors import InputRefusedError
from housing_spark.settings.features import Features
from housing_spark.studying import STUDIES, fewer_to_train_on
from housing_spark.tables import Run
from tests.pipeline.conftest import again

ROWS = 1500
TOWN = {
    "dataset": "town",
    "columns": {
        "id": {"type": "bigint", "required": True}, "price": {"type": "double"}, "area": {"type": "double"},
        "rooms": {"type": "double"}, "north": {"type": "double"}, "east": {"type": "double"},
    },
    "key": ["id"], "label": "price", "location": {"x": "east", "y": "north"},
    "features": {"numeric": ["area", "rooms"], "derived": {"area_per_room": "area / rooms"}},
}  # fmt: skip
WINNER = {
    "estimator": "gbt", "number": 0, "point": {}, "loss": 1.0, "trees": 40, "seconds": 1.0,
    "parameters": {"step_size": 0.2, "max_depth": 3, "min_instances_per_node": 5, "l2": 1.0, "column_share": 1.0,
                   "max_trees": 40, "log_target": False},
}  # fmt: skip


@pytest.fixture(scope="module")
def homes(spark: SparkSession) -> DataFrame:
    """Prices follow the area of a room, and a level of each hamlet that nothing but its neighbours tells."""
    draw = np.random.default_rng(2)
    hamlet = draw.integers(0, 36, ROWS)
    level = draw.normal(0, 30, 36)[hamlet]
    north, east = hamlet // 6 + draw.uniform(0, 0.6, ROWS), hamlet % 6 + draw.uniform(0, 0.6, ROWS)
    area, rooms = draw.uniform(40, 200, ROWS), draw.uniform(1, 8, ROWS)
    price = 300 + 2 * area / rooms + level + draw.normal(0, 5, ROWS)
    columns = zip(price, area, rooms, north, east, area / rooms, strict=True)
    rows = [(i, f"{i:05}", f"{i:05}", float(one[0]), None, *map(float, one)) for i, one in enumerate(columns)]
    schema = "id long, row_key string, group_key string, label double, event_time date, price double, "
    schema += "area double, rooms double, north double, east double, area_per_room double"
    return spark.createDataFrame(rows, schema).persist()


@pytest.fixture
def town(write_contract: Any, make_run: Any) -> tuple[Run, Any]:
    """A run, and what is read of a model that won with few trees."""
    run = make_run(write_contract(**TOWN))
    record = {
        "settings": run.settings.model_dump(mode="json", exclude={"spark_conf", "tracking"}), "winner": WINNER,
        "contract": run.contract.model_dump(mode="json", by_alias=True),
    }  # fmt: skip
    return run, SimpleNamespace(record=record, name="town_price", version=1, run_id="r")


def with_parts(run: Run, homes: DataFrame) -> DataFrame:
    split = run.settings.split
    return modelling.with_parts(run, homes, studying.training.fit_split(homes, split, is_grouped=False))


def fits(town: tuple[Run, Any], study: str, homes: DataFrame) -> dict[str, studying.Fit]:
    return {fit.name: fit for fit in STUDIES[study](*town, with_parts(town[0], homes))}


def test_a_new_neighbourhood_is_dearer_to_miss_than_a_random_split_says(town: Any, homes: DataFrame) -> None:
    found = fits(town, "validation", homes)
    assert list(found) == ["random", "spatial"]  # there is no time
    assert found["random"].compared == {}
    gap = found["spatial"].compared["gap"]
    assert gap.value > 0.2
    assert gap.low > 0
    shares = [fit.errors.rows / ROWS for fit in found.values()]
    assert shares == pytest.approx([0.2, 0.2], abs=0.03)
    near, far = (fit.by_place["moran_i"].value for fit in found.values())
    assert far > near + 0.2  # a hamlet of which nothing was seen is priced too high, or too low, as a whole
    assert len(found["spatial"].errors.counts) < 40  # blocks are resampled, not homes


def test_samples_of_the_training_rows_lie_within_each_other(town: Any, homes: DataFrame) -> None:
    rows = with_parts(town[0], homes)
    keys = [
        {row["row_key"] for row in fewer_to_train_on(rows, part).where("split = 'train'").collect()}
        for part in (0.1, 0.4, 1.0)
    ]
    assert keys[0] < keys[1] < keys[2]
    assert len(keys[2]) == rows.where("split = 'train'").count()
    assert fewer_to_train_on(rows, 0.1).where("split != 'train'").count() == rows.where("split != 'train'").count()


def test_more_rows_help_and_a_sample_that_is_too_small_is_left_out(town: Any, homes: DataFrame) -> None:
    run, model = town
    curve = run.settings.studies.model_copy(update={"curve_shares": (1.0, 0.02, 0.125)})
    run = again(run, "curve", settings=run.settings.model_copy(update={"studies": curve}))
    found = fits((run, model), "learning_curve", homes)
    assert list(found) == ["0.125", "1"]
    few, every = found.values()
    assert few.training_rows == pytest.approx(every.training_rows / 8, rel=0.3)
    assert few.errors.rows == every.errors.rows
    gain = few.compared["gain"]
    assert 0 < gain.low < gain.value
    assert gain.value == pytest.approx(1 - every.errors.figures()["rmse"].value / few.errors.figures()["rmse"].value)


def test_what_matters_is_missed_and_what_is_not_there_is_left_out(town: Any, homes: DataFrame) -> None:
    found = fits(town, "ablation", homes)
    assert found["without derived"].compared["gain"].low > 0
    assert found["raw"].compared["gain"].low > 0
    assert "without neighbours" not in found  # too few rows for them
    assert {"outliers none", "outliers zscore", "training outliers isolation_forest", "with outlier_flags"} < set(found)
    assert len({fit.errors.rows for fit in found.values()}) == 1


def test_variants_leave_out_one_thing_each(write_contract: Any) -> None:
    contract: Contract = write_contract(**TOWN)
    found = features.variants(contract, Features(), 9_000)
    assert found["all"] == (contract, Features())
    assert not found["without derived"][0].features.derived
    assert found["without derived"][1] == Features()
    without = [settings for name, (_, settings) in found.items() if name.startswith("without ")]
    assert len({settings.model_dump_json() for settings in without}) == len(without)
    raw = found["raw"][1]
    assert all(one == raw for name, (_, one) in features.variants(contract, raw, 9_000).items() if "out " in name)
    assert "without neighbours" in found
    assert "without neighbours" not in features.variants(contract, Features(), 900)


def test_settings_that_are_no_longer_known_are_told(town: Any) -> None:
    run, model = town
    model.record["settings"]["features"]["magic"] = True
    with pytest.raises(InputRefusedError, match=r"E-STUDY-002 town_price version 1: .*magic.*train it again"):
        studying.subject_of(run, model)
