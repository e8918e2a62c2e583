"""Which feature stands behind each place of the vector that an estimator sees."""

from collections.abc import Sequence
from typing import Any

from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.feature import StandardScalerModel, VectorAssembler
from pyspark.sql import types as T

from housing_spark.contract import Contract
from housing_spark.features.stages import VECTOR
from housing_spark.features.target import MEAN
from housing_spark.features.transformers import OUTLIER, VALUE

_SUFFIXES = (VALUE, OUTLIER, "__missing", "__index", "__one_hot", MEAN)


def vector_features(pipeline: PipelineModel, described: T.StructType) -> tuple[str, ...]:
    """The name of a feature for each place of the vector; several places may belong to one feature.

    Args:
        pipeline: The fitted stages.
        described: The schema of rows that went through them.
    """
    metadata: dict[str, Any] = described[VECTOR].metadata.get("ml_attr", {})
    attributes = [one for group in metadata.get("attrs", {}).values() for one in group]
    named = {one["idx"]: one.get("name", f"place {one['idx']}") for one in attributes}
    scaled = _scaled_inputs(pipeline.stages)
    size = int(metadata.get("num_attrs", len(named)))
    return tuple(_feature(named.get(place, f"place {place}"), scaled) for place in range(size))


def monotone_signs(contract: Contract) -> dict[str, int]:
    """By the name that the vector gives a feature: 1 where prices must not fall as it grows, -1 where not rise."""
    return {f"{name}{VALUE}": 1 if way == "increasing" else -1 for name, way in contract.monotone.items()}


def _scaled_inputs(stages: Sequence[Transformer]) -> dict[str, str]:
    """What a scaler's outputs were called before: it keeps places, not names."""
    assembled = {stage.getOutputCol(): stage.getInputCols() for stage in stages if isinstance(stage, VectorAssembler)}
    scalers = [stage for stage in stages if isinstance(stage, StandardScalerModel)]
    return {
        f"{scaler.getOutputCol()}_{place}": name
        for scaler in scalers
        for place, name in enumerate(assembled[scaler.getInputCol()])
    }


def _feature(name: str, scaled: dict[str, str]) -> str:
    name = scaled.get(name, name)
    ends = [name.index(suffix) for suffix in _SUFFIXES if suffix in name]
    return name[: min(ends)] if ends else name
