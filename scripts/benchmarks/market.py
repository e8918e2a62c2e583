"""Error on the synthetic market, whose true prices are known: our model and LightGBM over the noise of the sales."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from accuracy_fit import judged, on_raw_columns, ours, prepared, table_of, with_parts
from figures import Figure, figure_of
from lightgbm_peer import Prices, trials
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from rows import session

from housing_spark.contract import load_contract
from housing_spark.sources import market_sales

_ROWS = int(os.environ.get("BENCH_MARKET_ROWS", "1000000"))
_SEED = 7
_CONTRACT = load_contract("market")


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name, session() as (spark, _):
        described = prepared(spark, Path(name), "market", f"market:rows={_ROWS},seed={_SEED}")
        rows = with_parts(described, _CONTRACT, "housing")
        prices = ours(rows, _CONTRACT, blend=1)[0] | {"raw": on_raw_columns(rows, _CONTRACT)}
        found = judged(rows, _CONTRACT, prices | {"true": _true_prices(spark, Path(name), rows)})
    what = f"test RMSE of {{}} over that of the true prices, {trials()} trials each, {_ROWS:,} rows; one split"
    for figure, model, bound, who in (
        ("rmse_over_noise", "single", "<= 1.1", "our one model"),
        ("lightgbm_over_noise", "raw", ">= 1.25", "LightGBM on the raw columns (less: the market is too easy)"),
    ):
        yield figure_of(f"market.{figure}", [found.ratio(model, "true")], bound, what.format(who))
    what = f"test RMSE of our one model over LightGBM's on the raw columns, {trials()} trials each; one split"
    yield figure_of("market.over_lightgbm_raw", [found.ratio("single", "raw")], "<= 1", what)


def _true_prices(spark: SparkSession, folder: Path, rows: DataFrame) -> Prices:
    """Of the test rows, in order of their keys."""
    sold = spark.read.format("delta").load(f"{folder}/market/clean").select("row_key", "sale_id")
    true = market_sales(spark, rows=_ROWS, seed=_SEED).select("sale_id", "true_price")
    test = rows.where(F.col("split") == "test").select("row_key").join(sold, on="row_key", how="inner")
    table = table_of(test.join(true, on="sale_id", how="inner").select("row_key", "true_price"))
    numbers: Prices = table["true_price"].to_numpy()
    return numbers
