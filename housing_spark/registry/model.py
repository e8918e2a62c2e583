"""What is saved with a model, and what is loaded again."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlflow.models import ModelSignature
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame


@dataclass(frozen=True)
class RegisteredModel:
    """A version of a model, loaded and unchanged; ``folder`` holds its files on this machine."""

    name: str
    version: int
    run_id: str
    artifact_sha256: str
    record: dict[str, Any]
    pipeline: PipelineModel
    study: str
    folder: Path


@dataclass(frozen=True)
class Companion:
    """Files that lie beside a saved pipeline, by name, and tags of the version."""

    files: Mapping[str, bytes]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Saved:
    """What is saved beside the fitted pipeline."""

    study: str
    run_id: str
    record: dict[str, Any]
    signature: ModelSignature
    example: DataFrame
    input_path: str
    input_version: int
    packages: dict[str, str]
    metrics: dict[str, float]
