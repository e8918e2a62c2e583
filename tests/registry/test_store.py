"""The registry on a real MLflow store: what is loaded is what was saved, also after a registration that was cut off."""

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame, SparkSession

from housing_spark.registry import Companion, Registry, Saved
from tests.conftest import give_model_store

SIGNATURE = ModelSignature(Schema([ColSpec(DataType.double, "area")]), Schema([ColSpec(DataType.double, "prediction")]))
PACKAGES = {"pyspark": "4.1.3", "mlflow": "3.17.2"}


@pytest.fixture
def homes(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([(50.0,), (80.0,)], "area double")


@pytest.fixture
def registry(tmp_path: Path, homes: DataFrame) -> Registry:
    give_model_store(tmp_path)
    homes.write.format("delta").save(str(tmp_path / "features"))
    return Registry(f"sqlite:///{tmp_path}/mlflow.db", "town_price", str(tmp_path / "scratch"))


def priced_at(price: float) -> PipelineModel:
    return PipelineModel([SQLTransformer(statement=f"SELECT *, area * {price} AS prediction FROM __THIS__")])


def test_a_registration_that_was_cut_off_is_made_again_beside_its_remains(
    registry: Registry, homes: DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    run_id = client.create_run(client.create_experiment("town", str(tmp_path / "files"))).info.run_id
    saved = Saved(
        "study", run_id, {"facts": 1}, SIGNATURE, homes, str(tmp_path / "features"), 0, PACKAGES, {"rmse": 2.0}
    )
    companion = Companion({"note.json": b"{}"}, {"housing.note": "{}"})

    def half(folder: str, name: str) -> None:
        client.log_artifacts(run_id, f"{folder}/sparkml", f"{name}/sparkml")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("housing_spark.registry.store.mlflow.log_artifacts", half)
        with pytest.raises(KeyboardInterrupt):
            registry.save(priced_at(9.0), saved, lambda _: companion)
    assert registry.version_of_study("study") is None
    assert registry.save(priced_at(2.0), saved, lambda _: companion) == 1
    model = registry.load(1)
    assert (model.folder / "note.json").read_bytes() == b"{}"
    assert client.get_model_version("town_price", "1").source == f"runs:/{run_id}/model_2"
    assert [row["prediction"] for row in model.pipeline.transform(homes).collect()] == [100.0, 160.0]
