"""Random batches with dirt, duplicates and replays in random order, against an oracle in pandas."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from housing_spark.tables import Run
from tests.conftest import run_maker, run_stages
from tests.pipeline.homes import COLUMNS, CONTRACT, csv_bytes

NAMES = list(COLUMNS)
ROW = st.tuples(
    st.sampled_from("123456"), st.sampled_from(["100", "200", "300", "abc", "", "-5"]),
    st.sampled_from(["1", "2", "", "x", "500"]), st.sampled_from(["a", "b"]),
)  # fmt: skip
BATCHES = st.lists(st.lists(ROW, min_size=1, max_size=12).map(tuple), min_size=2, max_size=3, unique=True)
ORDERS = st.lists(st.integers(0, 2), min_size=2, max_size=4)  # an order may name a batch twice, or not at all


class Oracle:
    """What the tables must hold: one row per key of the newest batch that has it, and a place for every other row."""

    def __init__(self) -> None:
        self.kept = pd.DataFrame(columns=NAMES, dtype=object)
        self.rows = self.duplicates = self.quarantined = 0

    def take(self, batch: tuple[tuple[str, ...], ...], found: pd.DataFrame) -> None:
        """Compare with what a clean found after a batch; which of several rows of a key it took is up to it."""
        rows = pd.DataFrame(list(batch), columns=NAMES).replace("", None)
        is_fit = rows["price"].isin(["100", "200", "300"]) & ~rows["beds"].isin(["x", "500"])
        fit = rows[is_fit]
        rivals = self.kept.merge(fit[["id"]].drop_duplicates(), on="id")
        contents = pd.concat([rivals, fit]).drop_duplicates()
        others = self.kept[~self.kept["id"].isin(fit["id"])]
        assert set(found["id"]) == set(others["id"]) | set(fit["id"])
        assert found["id"].is_unique
        assert set(found.apply(tuple, axis=1)) <= set(pd.concat([others, fit]).apply(tuple, axis=1))
        self.rows += len(rows)
        self.duplicates += len(rivals) + len(fit) - len(contents)
        self.quarantined += int((~is_fit).sum()) + len(contents) - contents["id"].nunique()
        self.kept = found


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(batches=BATCHES, order=ORDERS)
def test_every_row_of_random_batches_is_somewhere_once(
    batches: list[tuple[tuple[str, ...], ...]], order: list[int], spark: SparkSession, tmp_path_factory: Any,
    write_contract: Callable[..., Any],
) -> None:  # fmt: skip
    folder, contract, oracle = tmp_path_factory.mktemp("batches"), write_contract(**CONTRACT), Oracle()
    make_run = run_maker(spark, folder)
    taken: set[int] = set()
    for number in (one for one in order if one < len(batches)):
        run = fed(partial(make_run, contract), folder, number, batches[number])
        if number not in taken:
            oracle.take(batches[number], clean_rows(run))
            taken.add(number)
        kept, aside = (run.warehouse.read(name).count() for name in ("clean", "quarantine"))
        assert (kept, aside) == (len(oracle.kept), oracle.quarantined)
        assert run.warehouse.read("raw").count() == oracle.rows == kept + aside + oracle.duplicates


def fed(make_run: Callable[..., Run], folder: Path, number: int, rows: tuple[tuple[str, ...], ...]) -> Run:
    """A batch, by a name that may be new, taken in and cleaned."""
    file = folder / f"{number}-{len(list(folder.glob('*.csv')))}.csv"
    file.write_bytes(csv_bytes(*(",".join(row) for row in rows)))
    run = make_run(file, "quality.max_quarantined_share=1", "quality.gates=[]")
    run_stages(run, "ingest", "clean")
    return run


def clean_rows(run: Run) -> pd.DataFrame:
    """The clean rows, as texts of the files."""
    rows = run.warehouse.read("clean").select("id", "price", "beds", "zip").toPandas()
    texts = {name: rows[name].map(lambda value: None if pd.isna(value) else str(int(value))) for name in NAMES[:3]}
    return pd.DataFrame(texts | {"zip": rows["zip"]}).astype(object)
