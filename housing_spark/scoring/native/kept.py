"""The native form of a model's trees, as it lies beside the saved pipeline."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from housing_spark.scoring.native.booster import NativeEnsemble
from housing_spark.scoring.native.ensemble import read_ensemble
from housing_spark.scoring.native.parity import Certificate, certify

_TREES, _CERTIFICATE = "native_trees.npz", "native_parity.json"


def make_native(
    folder: Path, pipeline: PipelineModel, rows: DataFrame, numeric: Sequence[str], categorical: Sequence[str]
) -> dict[str, bytes]:
    """The files to keep beside a saved pipeline: its trees, and the parity certificate; none where it has no trees.

    Args:
        folder: Local folder of the saved model.
        pipeline: The same model.
        rows: Rows of the features table to compare prices on.
        numeric: Numeric features.
        categorical: Categorical features.
    """
    ensemble = read_ensemble(folder / "sparkml")
    if ensemble is None:
        return {}
    native = NativeEnsemble.of(ensemble)
    certificate = certify(rows, pipeline, native, numeric, categorical)
    return {_TREES: native.to_bytes(), _CERTIFICATE: json.dumps(asdict(certificate)).encode()}


def load_native(folder: Path) -> NativeEnsemble | None:
    """The native trees of a loaded model; ``None``: it has none."""
    file = folder / _TREES
    return NativeEnsemble.from_bytes(file.read_bytes()) if file.is_file() else None


def read_certificate(folder: Path) -> Certificate | None:
    """The parity certificate of a loaded model; ``None``: it has none."""
    file = folder / _CERTIFICATE
    return Certificate(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
