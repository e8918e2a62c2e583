"""The table of quality verdicts."""

from housing_spark.schemas.table import BOOLEAN, DOUBLE, LONG, STRING, TIMESTAMP, Field, Table

QUALITY_RESULTS = Table(
    "quality_results",
    "Every verdict of a quality gate on a batch",
    (
        Field("run_id", STRING, "the command that checked the batch"),
        Field("table", STRING, "table that the batch was bound for"),
        Field("source", STRING, "table that the batch was read from"),
        Field("version", LONG, "version of the source table"),
        Field("gate", STRING, "gate of quality.gates"),
        Field("column", STRING, "column, rule or figure that was checked; null: the gate was skipped"),
        Field("expectation", STRING, "kind of check; null: the gate was skipped"),
        Field("expected", STRING, "what was demanded, in words; of a skipped gate, why it was skipped"),
        Field("success", BOOLEAN, "whether the demand was met; null: skipped"),
        Field("observed", DOUBLE, "share of rows or figure that was found, where the check failed"),
        Field("unexpected_rows", LONG, "rows that failed, where the check failed and is about rows"),
        Field("severity", STRING, "critical, warning or info"),
        Field("checked_at", TIMESTAMP, "when, UTC"),
    ),
    is_append_only=True,
)
