"""The models that this process read last, by the hash of their folder: several stages read the same one."""

from pathlib import Path

import mlflow
from pyspark.ml import PipelineModel

_LOADED: dict[str, PipelineModel] = {}
_MOST_LOADED = 2  # a candidate and the champion


def loaded_pipeline(folder: Path, sha256: str, scratch: str) -> PipelineModel:
    """The pipeline of a model's folder, which was found to have this hash.

    Args:
        folder: On this machine.
        sha256: Of its files.
        scratch: Folder that driver and executors share.
    """
    if sha256 not in _LOADED:
        while len(_LOADED) >= _MOST_LOADED:
            del _LOADED[next(iter(_LOADED))]
        _LOADED[sha256] = mlflow.spark.load_model(str(folder), dfs_tmpdir=scratch)
    return _LOADED[sha256]
