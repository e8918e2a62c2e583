"""The native form of a model's trees, as it lies beside the saved pipeline."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from housing_spark.scoring.native.ensemble import read_ensembles
from housing_spark.scoring.native.flat import NativeEnsemble
from housing_spark.scoring.native.parity import Certificate, certify
from housing_spark.scoring.native.stage import is_priced_by_trees

_TREES, _CERTIFICATE = ("flat_trees.npz", "flat_difficulty.npz"), "native_parity.json"  # in order of the stages


def make_native(
    folder: Path, pipeline: PipelineModel, rows: DataFrame, numeric: Sequence[str], categorical: Sequence[str]
) -> dict[str, bytes]:
    """The files to keep beside a saved pipeline: its trees, and the parity certificate; none where no trees price.

    Args:
        folder: Local folder of the saved model.
        pipeline: The same model.
        rows: Rows of the features table to compare prices on.
        numeric: Numeric features.
        categorical: Categorical features.
    """
    if not is_priced_by_trees(pipeline):
        return {}
    natives = [NativeEnsemble.of(ensemble) for ensemble in read_ensembles(folder / "sparkml")]
    certificate = certify(rows, pipeline, natives, numeric, categorical)
    files = {name: native.to_bytes() for name, native in zip(_TREES, natives, strict=False)}
    return files | {_CERTIFICATE: json.dumps(asdict(certificate)).encode()}


def load_native(folder: Path) -> tuple[NativeEnsemble, ...] | None:
    """The native trees of a loaded model: of its price, then of its difficulty; ``None``: it has none."""
    files = [folder / name for name in _TREES if (folder / name).is_file()]
    return tuple(NativeEnsemble.from_bytes(file.read_bytes()) for file in files) or None


def read_certificate(folder: Path) -> Certificate | None:
    """The parity certificate of a loaded model; ``None``: it has none."""
    file = folder / _CERTIFICATE
    return Certificate(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
