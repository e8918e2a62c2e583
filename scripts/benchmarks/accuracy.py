"""Error on the published California file over five splits: our model, and LightGBM on the file's own columns."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from california import california_file
from figures import Figure, figure_of
from lightgbm_peer import trials, tuned_rmse
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rows import session

from housing_spark import features, training
from housing_spark.contract import load_contract
from housing_spark.metrics import rmse_expr
from housing_spark.settings import Settings, load_settings

_SALTS = tuple(f"split {number}" for number in range(5))


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name:
        _prepare(Path(name))
        with session() as (spark, _):
            described = spark.read.format("delta").load(f"{name}/california/features").persist()
            read = [_split(described, salt) for salt in _SALTS]
            shuffled = _shuffled(described)
    what = f"test RMSE over LightGBM's on the file's nine columns, {trials()} trials each; value: mean over splits"
    ratios = [ours / theirs for ours, theirs in read]
    yield figure_of("accuracy.single_over_lightgbm_raw", ratios, "<= 0.86", what, mean)
    yield figure_of("accuracy.single_rmse", [ours for ours, _ in read], None, "USD, test RMSE of our one model", mean)
    once = "test RMSE over the spread of prices, prices shuffled among rows; one split"
    yield figure_of("accuracy.shuffled_labels", [shuffled], ">= 0.99", once)


def _prepare(folder: Path) -> None:
    """The features table, by the public commands."""
    for stage in ("ingest", "clean", "features"):
        command = [str(Path(sys.executable).with_name("housing")), stage, "--dataset", "california"]
        given = ["--input", str(california_file())] if stage == "ingest" else []
        subprocess.run([*command, *given, "--warehouse", str(folder)], check=True, stdout=sys.stderr)


def _split(described: DataFrame, salt: str) -> tuple[float, float]:
    """RMSE on the test rows of a split: ours, and LightGBM's."""
    settings = load_settings("local", [f"split.salt={salt}"], {})
    record = training.fit_split(described, settings.split, is_grouped=False)
    rows = training.with_split(described, record, is_grouped=False)
    return _rmse(rows, settings), tuned_rmse(rows.toArrow().to_pandas(), trials())


def _rmse(rows: DataFrame, settings: Settings) -> float:
    contract = load_contract("california")
    plan = training.SearchPlan(
        features.stage_fitter(contract, rows.schema, settings.features), features.VECTOR, F.lit(1.0), {}, 32,
        settings.training, settings.search, True, (), lambda _: None,
    )  # fmt: skip
    model = training.search_winner(rows, plan).model
    priced = model.transform(rows.where(F.col("split") == "test"))
    return float(priced.agg(rmse_expr(F.col("label"), F.col("prediction"))).collect()[0][0])


def _shuffled(described: DataFrame) -> float:
    """Prices go from row to row: nothing is left to learn, so what test rows seem to gain would be a leak of theirs."""
    settings = load_settings("local", [], {})
    record = training.fit_split(described, settings.split, is_grouped=False)
    table = described.orderBy(F.xxhash64(F.lit("shuffled"), "row_key")).toArrow()
    prices = described.orderBy("row_key").select("label").toArrow()["label"]
    mixed = table.set_column(table.schema.get_field_index("label"), "label", prices)
    rows = training.with_split(described.sparkSession.createDataFrame(mixed), record, is_grouped=False)
    deviation = rows.where(F.col("split") == "test").agg(F.stddev("label")).collect()[0][0]
    return _rmse(rows.persist(), settings) / float(deviation)
