"""A pipeline's prices with its tree stage run natively: Arrow columns of features in, predictions out."""

from collections.abc import Iterator, Sequence
from typing import TypeGuard

import pyarrow as pa
from pyspark.ml import PipelineModel, Transformer
from pyspark.ml.feature import UnivariateFeatureSelectorModel, VarianceThresholdSelectorModel, VectorAssembler
from pyspark.ml.regression import GBTRegressionModel, RandomForestRegressionModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.scoring.native.booster import NativeEnsemble


def is_ensemble(stage: Transformer) -> TypeGuard[GBTRegressionModel | RandomForestRegressionModel]:
    """Whether a stage has a native form."""
    return isinstance(stage, GBTRegressionModel | RandomForestRegressionModel)


def price_natively(rows: DataFrame, pipeline: PipelineModel, native: NativeEnsemble) -> DataFrame:
    """What ``pipeline.transform`` gives but the feature vector, up to the rounding of single precision.

    Args:
        rows: What the pipeline takes.
        pipeline: Has one ensemble among its stages, on a vector assembled from numbers.
        native: The ensemble's trees.
    """
    described, columns, name, after = _parted(rows, pipeline)
    return after.transform(described.withColumn(name, _predicted(native, columns)))


def price_few_natively(
    rows: DataFrame, pipeline: PipelineModel, native: NativeEnsemble, keep: Sequence[str]
) -> DataFrame:
    """The same prices of rows so few that the driver may walk the trees: to start Python for it takes seconds.

    Args:
        rows: What the pipeline takes; all of them come to the driver.
        pipeline: As above.
        native: The ensemble's trees.
        keep: Columns that the result has besides those that the pipeline adds after the trees.
    """
    described, columns, name, after = _parted(rows, pipeline)
    table = described.select(*keep, *(F.col(column).cast("double").alias(f"_{column}") for column in columns)).toArrow()
    found = _predict(native, [table[f"_{column}"].combine_chunks() for column in columns])
    return after.transform(rows.sparkSession.createDataFrame(table.select(keep).append_column(name, found)))


def _parted(rows: DataFrame, pipeline: PipelineModel) -> tuple[DataFrame, list[str], str, PipelineModel]:
    """Rows before the trees, the columns that the trees look at, the name of what they add, and the stages after."""
    place, ensemble = next((place, stage) for place, stage in enumerate(pipeline.stages) if is_ensemble(stage))
    before, columns = _unassembled(pipeline.stages[:place])
    after = PipelineModel(pipeline.stages[place + 1 :])
    return PipelineModel(before).transform(rows), columns, ensemble.getPredictionCol(), after


def _unassembled(stages: Sequence[Transformer]) -> tuple[list[Transformer], list[str]]:
    """The stages without those that make the vector, and the columns that it would be made of.

    Twelve columns travel to Python in half the time of one column of vectors.
    """
    *before, last = stages
    if isinstance(last, UnivariateFeatureSelectorModel | VarianceThresholdSelectorModel):
        before, columns = _unassembled(before)
        return before, [columns[place] for place in last.selectedFeatures]
    if not isinstance(last, VectorAssembler):
        raise TypeError(f"{type(last).__name__} stands before the trees, expected a VectorAssembler or a selector")
    return before, last.getInputCols()


def _predicted(native: NativeEnsemble, names: Sequence[str]) -> Column:
    """The ensemble's predictions of feature columns."""

    def predict(batches: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        for batch in batches:
            yield _predict(native, batch if isinstance(batch, tuple) else (batch,))  # Spark does not wrap one column

    predicted = arrow_udf(predict, "double")  # type: ignore[call-overload]  # the stub lacks what Spark reads: the hints
    column: Column = predicted(*(F.col(name).cast("double") for name in names))
    return column


def _predict(native: NativeEnsemble, columns: Sequence[pa.Array]) -> pa.Array:
    values = [column.to_numpy(zero_copy_only=False) for column in columns]
    return pa.array(native.predictor().predict(values))
