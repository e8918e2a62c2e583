"""The registry of a dataset's model: where it is, and whether it has a champion."""

from housing_spark.errors import ConfigurationError, GateRefusedError
from housing_spark.registry import Registry
from housing_spark.settings import Settings
from housing_spark.tables import SCRATCH, Run, local_path


def tracking_uri(settings: Settings) -> str:
    """The MLflow store: a server by setting, else SQLite in the warehouse.

    Raises:
        ConfigurationError: A file store, or no server where the warehouse is on an object store.
    """
    uri, root = settings.tracking.uri, local_path(settings.warehouse)
    if uri is None and root is not None:
        return f"sqlite:///{root}/mlflow.db"
    if uri is None or uri.startswith(("file:", "/", ".")):
        raise ConfigurationError(
            "E-CFG-012",
            f"tracking.uri {uri}: expected an MLflow server or sqlite:///FILE; file stores are not supported",
        )
    return uri


def registry_of(run: Run) -> Registry:
    """The registry of the dataset's model."""
    return Registry(tracking_uri(run.settings), f"{run.contract.dataset}_price", f"{run.warehouse.location}/{SCRATCH}")


def require_champion(run: Run) -> int:
    """The champion's version at this moment.

    Raises:
        GateRefusedError: No version has passed the gate.
    """
    registry = registry_of(run)
    version = registry.champion_version()
    if version is None:
        why = f"housing sql 'from {run.contract.dataset}.gate_decisions'"
        raise GateRefusedError(
            "E-GATE-001", f"model {registry.name}: no version has passed the gate, nothing is priced; why: {why}. More "
            "sales, or a larger search.max_evals, make a better model"
        )  # fmt: skip
    return version
