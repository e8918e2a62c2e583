"""A study in MLflow: one run for the study, a nested run per trial. Only the driver talks to MLflow."""

import time

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME

from housing_spark.training.trials import Trial

_STUDY = "housing.study"


class Tracker:
    """Writes a study and its trials; a study that was interrupted goes on in its own run."""

    def __init__(self, uri: str, experiment: str, artifacts: str) -> None:
        """Connect, and make the experiment if need be.

        Args:
            uri: MLflow tracking URI.
            experiment: Name of the experiment.
            artifacts: Where a new experiment keeps its files; empty: the server decides.
        """
        self._client = MlflowClient(uri)
        found = self._client.get_experiment_by_name(experiment)
        self.experiment_id = (
            found.experiment_id if found else self._client.create_experiment(experiment, artifacts or None)
        )

    def start_study(self, study: str) -> str:
        """The run of a study; returns its id."""
        runs = self._client.search_runs([self.experiment_id], f"tags.`{_STUDY}` = '{study}'", max_results=1)
        if runs:
            return str(runs[0].info.run_id)
        tags = {_STUDY: study, MLFLOW_RUN_NAME: f"study {study}"}
        return str(self._client.create_run(self.experiment_id, tags=tags).info.run_id)

    def log_trial(self, parent: str, trial: Trial) -> str:
        """Write a finished trial as a nested run; returns its id."""
        tags = {MLFLOW_PARENT_RUN_ID: parent, MLFLOW_RUN_NAME: f"{trial.estimator} {trial.number}"}
        run_id = str(self._client.create_run(self.experiment_id, tags=tags).info.run_id)
        now = int(time.time() * 1000)
        figures = {
            "validation_loss": trial.loss if trial.is_ok else None,
            "seconds": trial.seconds,
            "trees": trial.trees,
        }
        metrics = [Metric(name, float(value), now, 0) for name, value in figures.items() if value is not None]
        params = [Param(name, str(value)) for name, value in trial.parameters.items()]
        notes = [RunTag("estimator", trial.estimator), RunTag("status", trial.status)]
        notes += [RunTag("error", trial.error)] if trial.error else []
        self._client.log_batch(run_id, metrics, params, notes)
        self._client.set_terminated(run_id, "FINISHED" if trial.is_ok else "FAILED")
        return run_id
