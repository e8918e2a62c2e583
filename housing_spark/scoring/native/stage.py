"""A pipeline's prices with its tree stage run natively: Arrow batches of vectors in, predictions out."""

from collections.abc import Iterator
from typing import TypeGuard

import pyarrow as pa
from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.functions import vector_to_array
from pyspark.ml.regression import GBTRegressionModel, RandomForestRegressionModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.scoring.native.booster import NativeEnsemble
from housing_spark.scoring.native.ensemble import Numbers


def is_ensemble(stage: Transformer) -> TypeGuard[GBTRegressionModel | RandomForestRegressionModel]:
    """Whether a stage has a native form."""
    return isinstance(stage, GBTRegressionModel | RandomForestRegressionModel)


def price_natively(rows: DataFrame, pipeline: PipelineModel, native: NativeEnsemble) -> DataFrame:
    """What ``pipeline.transform`` gives, up to the rounding of single precision.

    Args:
        rows: What the pipeline takes.
        pipeline: Has one ensemble among its stages.
        native: The ensemble's trees.
    """
    place, ensemble = next((place, stage) for place, stage in enumerate(pipeline.stages) if is_ensemble(stage))
    described = PipelineModel(pipeline.stages[:place]).transform(rows)
    predicted = described.withColumn(ensemble.getPredictionCol(), _predicted(native, ensemble.getFeaturesCol()))
    return PipelineModel(pipeline.stages[place + 1 :]).transform(predicted)


def _predicted(native: NativeEnsemble, vector: str) -> Column:
    """The ensemble's predictions of a vector column."""

    def predict(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        predictor = native.predictor()
        for batch in batches:
            yield pa.array(predictor.predict(_matrix(batch)))

    predicted = arrow_udf(predict, "double")  # type: ignore[call-overload]  # the stub lacks what Spark reads: the hints
    column: Column = predicted(vector_to_array(F.col(vector)))
    return column


def _matrix(lists: pa.Array) -> Numbers:
    values: Numbers = lists.flatten().to_numpy(zero_copy_only=False).reshape(len(lists), -1)
    return values
