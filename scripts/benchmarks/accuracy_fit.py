"""What our models and LightGBM make of one split of a dataset: their prices of its test rows."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from lightgbm_peer import Prices, raw_columns, rmse, trials, tuned_prices
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from housing_spark import features, modelling, training
from housing_spark.contract import Contract
from housing_spark.settings import Settings, load_settings
from housing_spark.settings.features import FAMILIES

_TREES_AND_PRICE = 2  # stages of a model after those that make the features


@dataclass(frozen=True)
class Judged:
    """Prices of the test rows by every model that was asked, beside the true ones."""

    labels: Prices
    cap: float | None
    prices: dict[str, Prices]

    def ratio(self, one: str, other: str, *, is_capped: bool = True) -> float:
        """RMSE of a model over another's; without rows whose label is capped, where asked."""
        chosen = np.full(len(self.labels), True) if is_capped or self.cap is None else self.labels < self.cap
        return self.rmse(one, chosen) / self.rmse(other, chosen)

    def rmse(self, name: str, chosen: Prices | slice = slice(None)) -> float:
        """RMSE of a model."""
        return rmse(self.prices[name][chosen], self.labels[chosen])


def prepared(spark: SparkSession, folder: Path, dataset: str, source: str | None) -> DataFrame:
    """The features table of a dataset, by the public commands."""
    for stage in ("ingest", "clean", "features"):
        command = [str(Path(sys.executable).with_name("housing")), stage, "--dataset", dataset]
        given = ["--input", source] if stage == "ingest" and source else []
        subprocess.run([*command, *given, "--warehouse", str(folder)], check=True, stdout=sys.stderr)
    return spark.read.format("delta").load(f"{folder}/{dataset}/features").persist()


def with_parts(described: DataFrame, contract: Contract, salt: str) -> DataFrame:
    """The rows with the parts of a split."""
    settings = _settings(f"split.salt={salt}").split
    is_grouped = bool(contract.group)
    record = training.fit_split(described, settings, is_grouped=is_grouped)
    return training.with_split(described, record, is_grouped=is_grouped).where("split IS NOT NULL").persist()


def ours(rows: DataFrame, contract: Contract, blend: int, *given: str) -> tuple[dict[str, Prices], PipelineModel]:
    """Prices by the best trial (``single``) and by a blend (``best``), and the model of the best trial."""
    blending = modelling.search_plan(contract, _settings(f"training.blend={blend}", *given), rows.schema)
    winner = training.search_winner(rows, blending)
    if len(winner.weights) == 1:
        prices = _priced(winner.model, rows)
        return {"single": prices, "best": prices}, winner.model
    single = training.refit(rows, blending, winner.trial)
    return {"single": _priced(single, rows), "best": _priced(winner.model, rows)}, single


def elastic_net(rows: DataFrame, contract: Contract, *given: str) -> Prices:
    """Prices by the best elastic net."""
    settings = _settings('training.candidates=["elastic_net"]', *given)
    plan = modelling.search_plan(contract, settings, rows.schema)
    return _priced(training.search_winner(rows, plan).model, rows)


def on_raw_columns(rows: DataFrame, contract: Contract) -> Prices:
    """Prices by LightGBM on the contract's raw columns."""
    return tuned_prices(table_of(rows), raw_columns(contract), trials())


def on_our_features(rows: DataFrame, model: PipelineModel) -> Prices:
    """Prices by LightGBM on what our trees see."""
    described = PipelineModel(model.stages[:-_TREES_AND_PRICE]).transform(rows)
    names = [f"f{place}" for place in range(len(features.vector_features(model, described.schema)))]
    values = vector_to_array(features.VECTOR)
    table = table_of(described.select("row_key", "label", "split", *(values[i].alias(n) for i, n in enumerate(names))))
    nominal = described.schema[features.VECTOR].metadata["ml_attr"]["attrs"].get("nominal", [])
    categories = [f"f{one['idx']}" for one in nominal]
    return tuned_prices(table.astype(dict.fromkeys(categories, "category")), names, trials())


def table_of(rows: DataFrame) -> pd.DataFrame:
    """Rows of a benchmark, in order of their keys."""
    return rows.toArrow().sort_by("row_key").to_pandas()


def judged(rows: DataFrame, contract: Contract, prices: dict[str, Prices]) -> Judged:
    """Prices beside the true ones."""
    labels = table_of(_test(rows).select("row_key", "label"))["label"].to_numpy()
    return Judged(labels, contract.label_cap, prices)


def split_ratio(described: DataFrame, contract: Contract, salt: str) -> float:
    """RMSE of our best trial over LightGBM's on the raw columns, on one split."""
    rows = with_parts(described, contract, salt)
    prices = ours(rows, contract, blend=1)[0] | {"raw": on_raw_columns(rows, contract)}
    rows.unpersist()
    return judged(rows, contract, prices).ratio("single", "raw")


def shuffled_error(described: DataFrame, contract: Contract) -> float:
    """Test RMSE over the spread of prices, where prices go from row to row: nothing is left to learn.

    Every family of features is on: what test rows seem to gain would be a leak of theirs.
    """
    table = described.orderBy(F.xxhash64(F.lit("shuffled"), "row_key")).toArrow()
    prices = described.orderBy("row_key").select("label").toArrow()["label"]
    mixed = table.set_column(table.schema.get_field_index("label"), "label", prices)
    rows = with_parts(described.sparkSession.createDataFrame(mixed), contract, "housing")
    every = [f"features.families.{family}=true" for family in FAMILIES]
    found = judged(rows, contract, ours(rows, contract, 1, *every)[0])
    return found.rmse("single") / float(np.std(found.labels, ddof=1))


def _settings(*given: str) -> Settings:
    return load_settings("local", list(given), {})


def _priced(model: PipelineModel, rows: DataFrame) -> Prices:
    priced: Sequence[float] = table_of(model.transform(_test(rows)).select("row_key", "prediction"))["prediction"]
    return np.asarray(priced)


def _test(rows: DataFrame) -> DataFrame:
    return rows.where(F.col("split") == "test")
