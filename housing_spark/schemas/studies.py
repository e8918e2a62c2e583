"""The table of studies."""

from housing_spark.schemas.table import DOUBLE, INT, LONG, STRING, TIMESTAMP, Field, Table

MODEL_STUDIES = Table(
    "model_studies",
    "What models with the winner's parameters make of other splits, rows and features",
    (
        Field("model_version", INT, "registered version of the model whose parameters were fitted again"),
        Field("mlflow_run_id", STRING, "MLflow run of that version"),
        Field("study", STRING, "validation, learning_curve or ablation"),
        Field("variant", STRING, "the split, the share of the training rows, or what differs from all features"),
        Field("position", INT, "place of the variant in its study, from 0"),
        Field("metric", STRING, "rmse, mae, median_ape; moran_i: whether errors of neighbours go together, 0: not; "
              "gap: RMSE over that of the random split, less 1; gain: what all rows or features take off this RMSE"),
        Field("value", DOUBLE, "the figure"),
        Field("low", DOUBLE, "lower end of its bootstrap interval; null: none is computed"),
        Field("high", DOUBLE, "upper end of its bootstrap interval"),
        Field("training_rows", LONG, "rows that stages and estimator learned from"),
        Field("rows", LONG, "test rows"),
        Field("fitted_at", TIMESTAMP, "when the study ended, UTC"),
    ),
    key=("model_version", "study", "variant", "metric"),
    is_append_only=True,
)  # fmt: skip
