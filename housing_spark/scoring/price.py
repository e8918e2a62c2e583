"""Rows that a model has not priced yet, and their prices."""

from collections.abc import Sequence

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.scoring.native import NativeEnsemble, price_natively
from housing_spark.scoring.native.stage import price_few_natively


def unpriced_rows(
    rows: DataFrame, predictions: DataFrame | None, model_version: int, *, are_few: bool = False
) -> DataFrame:
    """The rows whose newest price is not this version's, of their present content.

    After a rollback the rows that the other model has priced meanwhile are priced again.

    Args:
        rows: Rows of the features table.
        predictions: Predictions of finished scoring runs; ``None``: there are none.
        model_version: The version.
        are_few: Whether the rows are few beside the predictions: those of other rows are then left out first.
    """
    if predictions is None:
        return rows
    if are_few:
        predictions = predictions.join(rows.select("row_key"), on="row_key", how="left_semi")
    newest = predictions.groupBy("row_key").agg(
        F.max_by(F.struct("model_version", "content_hash"), F.struct("scored_at", "scoring_run_id")).alias("newest")
    )
    priced = newest.where(F.col("newest.model_version") == model_version).select("row_key", "newest.content_hash")
    return rows.join(priced, on=["row_key", "content_hash"], how="left_anti")


def price_rows(
    rows: DataFrame,
    pipeline: PipelineModel,
    native: Sequence[NativeEnsemble] | None,
    run_id: str,
    few: Sequence[str] | None,
) -> DataFrame:
    """The rows with ``prediction``, its range, and the identity of the prediction.

    Args:
        rows: Rows of the features table with ``split``.
        pipeline: The model.
        native: Its trees, to be used instead of its tree stage; ``None``: the model is used as it is.
        run_id: The scoring run; part of every prediction's name.
        few: Where rows are so few that the driver may price them, those of their columns that are wanted.
    """
    if native is None:
        priced = pipeline.transform(rows)
    elif few is None:
        priced = price_natively(rows, pipeline, native)
    else:
        priced = price_few_natively(rows, pipeline, native, [name for name in few if name in rows.columns])
    return priced.withColumns(
        {
            "scoring_run_id": F.lit(run_id),
            "prediction_id": F.concat(F.lit(f"{run_id}-"), "row_key"),
        }
    )
