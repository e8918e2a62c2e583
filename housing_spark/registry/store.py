"""Models in MLflow: saved with everything needed to judge and repeat them, and loaded only when unchanged."""

import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from pyspark.ml import PipelineModel

from housing_spark.errors import InputRefusedError, ResourceMissingError, TableDamagedError
from housing_spark.faults import reach
from housing_spark.registry.folders import folder_sha256
from housing_spark.registry.loaded import loaded_pipeline
from housing_spark.registry.model import Companion, RegisteredModel, Saved

CHAMPION, CHALLENGER = "champion", "challenger"
_STUDY, _HASH, _PREVIOUS = "housing.study", "housing.artifact_sha256", "housing.previous_champion"
_RECORD, _MODEL = "record.json", "model"
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
_REQUIREMENTS = ("pyspark", "mlflow")


class Registry:
    """The versions of one dataset's model."""

    def __init__(self, uri: str, name: str, scratch: str) -> None:
        """Connect to a registry.

        Args:
            uri: MLflow tracking and registry URI.
            name: Registered name of the model.
            scratch: Folder that driver and executors share.
        """
        mlflow.environment_variables.MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR.set(False)
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        # The schema of the features table, logged with a model, may have integers; the model's own has none.
        warnings.filterwarnings("ignore", "Hint: Inferred schema contains integer", UserWarning)
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        self._client = MlflowClient(uri, uri)
        self._scratch = scratch
        self.name = name

    def version_of_study(self, study: str) -> int | None:
        """The version that a study registered, where it came that far."""
        found = [version for version in self._versions() if version.tags.get(_STUDY) == study]
        return max((int(version.version) for version in found), default=None)

    def newest_version(self) -> int:
        """The newest version.

        Raises:
            InputRefusedError: There is none.
        """
        versions = [int(version.version) for version in self._versions()]
        if not versions:
            raise InputRefusedError("E-REG-001", f"model {self.name} has no versions; run train first")
        return max(versions)

    def champion_version(self) -> int | None:
        """The version that the alias ``champion`` names now; resolve it once per job."""
        try:
            return int(self._client.get_model_version_by_alias(self.name, CHAMPION).version)
        except MlflowException as error:
            if error.error_code in _ABSENT:
                return None
            raise ResourceMissingError(
                "E-REG-004", f"model {self.name}: the champion cannot be asked for, {error}"
            ) from error

    def save(self, pipeline: PipelineModel, saved: Saved, accompany: Callable[[Path], Companion]) -> int:
        """Log and register a model; returns its version. The hash is written last: without it nothing loads.

        Args:
            pipeline: The model.
            saved: What else is saved.
            accompany: Makes more from the folder of the saved model, to lie beside it.
        """
        with mlflow.start_run(run_id=saved.run_id), TemporaryDirectory() as here:
            reach("train/logging")
            mlflow.log_dict(saved.record, _RECORD)
            mlflow.log_metrics(saved.metrics)
            dataset = mlflow.data.load_delta(path=saved.input_path, version=str(saved.input_version), name="features")
            mlflow.log_input(dataset, context="training")
            name, folder = self._free_name(saved.run_id), Path(here) / _MODEL
            self._save_in(folder, name, pipeline, saved)
            companion = accompany(folder)
            for file, content in companion.files.items():
                (folder / file).write_bytes(content)
            reach("train/uploading")
            mlflow.log_artifacts(str(folder), name)
        self._make_model()
        source, tags = f"runs:/{saved.run_id}/{name}", {_STUDY: saved.study, **companion.tags}
        sha256 = folder_sha256(self._folder(source))  # of what the store gives back
        version = self._client.create_model_version(self.name, source, saved.run_id, tags=tags)
        reach("train/registered")
        self._client.set_model_version_tag(self.name, version.version, _HASH, sha256)
        return int(version.version)

    def load(self, version: int) -> RegisteredModel:
        """A version, checked against the hash it was registered with.

        Raises:
            InputRefusedError: No such version.
            TableDamagedError: The folder is not what was registered.
        """
        found = self._version(version)
        expected = found.tags.get(_HASH, "")
        folder = self._folder(str(found.source))
        actual = folder_sha256(folder)
        if actual != expected:
            raise TableDamagedError(
                "E-MODEL-001", f"{self.name} version {version}: its folder has hash {actual[:12]}, registered "
                f"{expected[:12] or 'none'}; not loaded. Roll back with: housing promote --rollback"
            )  # fmt: skip
        run_id = str(found.run_id)
        record = mlflow.artifacts.load_dict(f"runs:/{run_id}/{_RECORD}")
        pipeline, study = loaded_pipeline(folder, actual, self._scratch), found.tags.get(_STUDY, "")
        return RegisteredModel(self.name, version, run_id, expected, record, pipeline, study, folder)

    def promote(self, version: int, over: int | None) -> None:
        """Make a version challenger, then champion, remembering whom it replaced."""
        self._client.set_registered_model_alias(self.name, CHALLENGER, str(version))
        if over is not None and over != version:
            self._client.set_model_version_tag(self.name, str(version), _PREVIOUS, str(over))
        reach("promote/naming")
        self._client.set_registered_model_alias(self.name, CHAMPION, str(version))
        reach("promote/named")

    def predecessor(self) -> tuple[int, int]:
        """The champion, and the version that it replaced.

        Raises:
            InputRefusedError: There is no champion, or it replaced nobody.
        """
        champion = self.champion_version()
        previous = self._version(champion).tags.get(_PREVIOUS) if champion is not None else None
        if champion is None or previous is None:
            raise InputRefusedError(
                "E-REG-002", f"model {self.name}: champion {champion} replaced no version; nothing to roll back to"
            )
        return champion, int(previous)

    def name_champion(self, version: int) -> None:
        """Give the alias ``champion`` to a version that had it before."""
        self._client.set_registered_model_alias(self.name, CHAMPION, str(version))

    def _free_name(self, run_id: str) -> str:
        """What the model is called among the files of its run: one that was killed on the way there keeps its name."""
        taken = {file.path for file in self._client.list_artifacts(run_id)}
        names = (_MODEL, *(f"{_MODEL}_{number}" for number in range(2, len(taken) + 2)))
        return next(name for name in names if name not in taken)

    def _save_in(self, folder: Path, name: str, pipeline: PipelineModel, saved: Saved) -> None:
        """Save a model; ``log_model`` would also load it again and try it as the server it is not for."""
        mlflow.spark.save_model(
            pipeline,
            str(folder),
            mlflow_model=Model(artifact_path=name, run_id=saved.run_id),
            signature=saved.signature,
            input_example=saved.example.toPandas(),  # a handful of rows, by the caller's limit
            pip_requirements=[f"{name}=={saved.packages[name]}" for name in _REQUIREMENTS],
            dfs_tmpdir=self._scratch,
        )

    def _make_model(self) -> None:
        if not self._client.search_registered_models(f"name = '{self.name}'"):
            self._client.create_registered_model(self.name)

    def _versions(self) -> list[ModelVersion]:
        found = self._client.search_model_versions(f"name = '{self.name}'")
        return [version for version in found if version.tags.get(_HASH)]

    def _version(self, version: int) -> ModelVersion:
        try:
            return self._client.get_model_version(self.name, str(version))
        except MlflowException as error:
            raise InputRefusedError(
                "E-REG-002",
                f"{self.name} has no version {version}; known: {sorted(int(v.version) for v in self._versions())}",
            ) from error

    def _folder(self, uri: str) -> Path:
        try:
            return Path(mlflow.artifacts.download_artifacts(uri))
        except (MlflowException, OSError) as error:
            raise ResourceMissingError(
                "E-MODEL-002", f"{self.name}: the model at {uri} cannot be read, {error}"
            ) from error
