"""A pipeline's prices with its tree stage run natively: Arrow columns of features in, predictions out."""

from collections.abc import Iterator, Sequence
from typing import TypeGuard

import pyarrow as pa
from pyspark.ml import PipelineModel, PredictionModel, Transformer
from pyspark.ml.feature import UnivariateFeatureSelectorModel, VarianceThresholdSelectorModel, VectorAssembler
from pyspark.ml.regression import GBTRegressionModel, RandomForestRegressionModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

from housing_spark.scoring.native.flat import NativeEnsemble

# What stages before the trees say of a row, for those after them and for the reader.
_TOLD = ("price_level", "range_group", "is_extrapolation", "extrapolated_inputs")


def is_priced_by_trees(pipeline: PipelineModel) -> bool:
    """Whether a model's price has a native form; trees after a linear price only say how hard it is."""
    return is_ensemble(next(stage for stage in pipeline.stages if isinstance(stage, PredictionModel)))


def is_ensemble(stage: Transformer) -> TypeGuard[GBTRegressionModel | RandomForestRegressionModel]:
    """Whether a stage has a native form."""
    return isinstance(stage, GBTRegressionModel | RandomForestRegressionModel)


def price_natively(rows: DataFrame, pipeline: PipelineModel, natives: Sequence[NativeEnsemble]) -> DataFrame:
    """What ``pipeline.transform`` gives but the feature vector.

    Args:
        rows: What the pipeline takes.
        pipeline: Has ensembles among its stages, all on one vector assembled from numbers.
        natives: The trees of each.
    """
    described, columns, names, after = _parted(rows, pipeline)
    predicted = {name: _predicted(native, columns) for name, native in zip(names, natives, strict=True)}
    return after.transform(described.withColumns(predicted))


def price_few_natively(
    rows: DataFrame, pipeline: PipelineModel, natives: Sequence[NativeEnsemble], keep: Sequence[str]
) -> DataFrame:
    """The same prices of rows so few that the driver may walk the trees: to start Python for it takes seconds.

    Args:
        rows: What the pipeline takes; all of them come to the driver.
        pipeline: As above.
        natives: The trees of each ensemble.
        keep: Columns that the result has besides those that the pipeline adds after the trees.
    """
    described, columns, names, after = _parted(rows, pipeline)
    kept = [*keep, *(name for name in _TOLD if name in described.columns and name not in keep)]
    table = described.select(*kept, *(F.col(column).cast("double").alias(f"_{column}") for column in columns)).toArrow()
    batches, priced = table.drop(kept).to_batches(), table.select(kept)  # a walk of many rows leaves the caches
    for name, native in zip(names, natives, strict=True):
        predictions = [_predict(native, batch.columns) for batch in batches]
        priced = priced.append_column(name, pa.chunked_array(predictions, pa.float64()))
    spark = rows.sparkSession
    sent = spark.createDataFrame(priced).coalesce(spark.sparkContext.defaultParallelism)  # one of every 10,000 rows
    return after.transform(sent)


def _parted(rows: DataFrame, pipeline: PipelineModel) -> tuple[DataFrame, list[str], list[str], PipelineModel]:
    """Rows before the trees, the columns that the trees look at, the names of what they add, and the stages after."""
    first = next(place for place, stage in enumerate(pipeline.stages) if is_ensemble(stage))
    before, columns = _unassembled(pipeline.stages[:first])
    names = [stage.getPredictionCol() for stage in pipeline.stages if is_ensemble(stage)]
    after = PipelineModel([stage for stage in pipeline.stages[first:] if not is_ensemble(stage)])
    return PipelineModel(before).transform(rows), columns, names, after


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
    return pa.array(native.predict(values))
