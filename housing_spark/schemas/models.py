"""The tables about models: trials, metrics, decisions, predictions and their passports."""

from pyspark.sql import types as T

from housing_spark.contract import Contract
from housing_spark.schemas.sales import typed_fields
from housing_spark.schemas.table import (
    BOOLEAN,
    DATE,
    DOUBLE,
    HASHES,
    INT,
    LONG,
    STRING,
    STRINGS,
    TIMESTAMP,
    Field,
    Table,
)

_RUN = Field("mlflow_run_id", STRING, "MLflow run")
_VERSION = Field("model_version", INT, "registered version of the model")
_RANGE = T.StructType([T.StructField(name, DOUBLE) for name in ("level", "lower", "upper")])
_MODEL = Field("model_name", STRING, "registered name of the model")

TRIALS = Table(
    "trials",
    "Trials of every search",
    (
        Field("study", STRING, "the search: hash of what it depends on"),
        Field("estimator", STRING, "candidate estimator"),
        Field("number", INT, "number of the trial within study and estimator, from 0"),
        Field("parameters", STRING, "parameters, JSON"),
        Field("point", STRING, "the optimiser's coordinates of the parameters, JSON"),
        Field(
            "loss",
            DOUBLE,
            "RMSE on validation rows, the largest errors left out (search.trimmed_share), in the "
            "label's currency; null where the trial ended badly",
        ),
        Field("trees", INT, "trees kept after early stopping; null for linear models"),
        Field("seconds", DOUBLE, "wall time of the trial, seconds"),
        Field("status", STRING, "ok, failed or timed out"),
        Field("error", STRING, "why it failed"),
        Field("is_final", BOOLEAN, "whether it was fitted on all rows of the search; only such a trial can win"),
        _RUN,
        Field("finished_at", TIMESTAMP, "when the trial ended, UTC"),
    ),
    key=("study", "estimator", "number"),
    is_append_only=True,
)

MODEL_METRICS = Table(
    "model_metrics",
    "Figures of every model, by split and segment",
    (
        _VERSION,
        _RUN,
        Field("split", STRING, "train, validation, calibration or test"),
        Field("segment_column", STRING, "column of the segment; 'all' for the whole split"),
        Field("segment", STRING, "value of the segment; 'all' for the whole split"),
        Field("metric", STRING, "name of the figure; rmse_mean_price and rmse_ols are the baselines"),
        Field("value", DOUBLE, "the figure"),
        Field("rows", LONG, "rows it was computed on"),
    ),
    key=("model_version", "split", "segment_column", "segment", "metric"),
    is_append_only=True,
)

PROMOTION_DECISIONS = Table(
    "promotion_decisions",
    "Every rule of the promotion gate, with its value",
    (
        _MODEL,
        Field("candidate_version", INT, "version that asked to be champion"),
        Field("champion_version", INT, "champion at that moment; null: none"),
        Field("rule", STRING, "rule of the gate, or rollback"),
        Field("value", DOUBLE, "what was measured"),
        Field("bound", DOUBLE, "what it was compared with"),
        Field("passed", BOOLEAN, "whether the rule was met"),
        Field("decided_at", TIMESTAMP, "when, UTC"),
    ),
    is_append_only=True,
)

SCORING_RUNS = Table(
    "scoring_runs",
    "The passport of every scoring run; readers of predictions join through it",
    (
        Field("scoring_run_id", STRING, "names the run"),
        _MODEL,
        _VERSION,
        Field("artifact_sha256", STRING, "hash of the model's folder"),
        _RUN,
        Field("input_table", STRING, "table that was priced"),
        Field("input_version", LONG, "version of that table"),
        Field("rows", LONG, "predictions written"),
        Field("content_hash", STRING, "order-free hash of the rows that were priced"),
        Field("contract_hash", STRING, "hash of the contract"),
        Field("git_commit", STRING, "commit of the code; null where it was built outside a checkout"),
        Field("is_dirty", BOOLEAN, "whether the checkout had uncommitted changes"),
        Field("packages", STRING, "versions of the packages that matter, JSON"),
        Field("interval_level", DOUBLE, "share of prices that the range should cover"),
        Field("engine", STRING, "how trees were walked: native, or spark"),
        Field("valued_on", DATE, "valuation date that was asked for; null: each sale's own, or none"),
        Field("scored_at", TIMESTAMP, "when, UTC"),
    ),
    key=("scoring_run_id",),
    is_append_only=True,
)

JOB_RUNS = Table(
    "job_runs",
    "Every run of a job; written last, so a job without a 'done' row did not finish",
    (
        Field("run_id", STRING, "the command that ran the job"),
        Field("job", STRING, "name of the job"),
        Field("identity", STRING, "hash of everything that the result depends on"),
        Field("basis", STRING, "hash of the same without the versions of the tables read"),
        Field("arguments", STRING, "what the identity is made of, JSON"),
        Field("status", STRING, "done, already applied or failed"),
        Field("rows_in", LONG, "rows read"),
        Field("rows_out", LONG, "rows accepted or written"),
        Field("rows_quarantined", LONG, "rows set aside"),
        Field("rows_duplicate", LONG, "exact duplicates"),
        Field("versions", STRING, "version of every table read, JSON; the newest, whatever its files"),
        Field("tables", STRING, "version of every table written, JSON"),
        Field("files", HASHES, "SHA-256 of every data file written, by its path in the dataset's folder"),
        Field("details", STRING, "facts that later jobs look up, JSON"),
        Field("ran_by", STRING, "who ran it, and on which machine"),
        Field("command", STRING, "the command line, secrets as stars"),
        Field("error", STRING, "the line that was shown, when it failed"),
        Field("started_at", TIMESTAMP, "when it started, UTC"),
        Field("ended_at", TIMESTAMP, "when it ended, UTC"),
    ),
    is_append_only=True,
)


def predictions_table(contract: Contract) -> Table:
    """Gold: a price for a row by a model."""
    keys = (field for field in typed_fields(contract) if field.name in contract.key)
    price = f"{contract.currency}"
    return Table(
        "predictions",
        "Prices by models, each with its range",
        (
            Field("prediction_id", STRING, "scoring run and row key"),
            Field("row_key", STRING, "names a sale"),
            *keys,
            Field("prediction", DOUBLE, f"price, {price}"),
            *_range_fields(price),
            Field("split", STRING, "part that the row played for this model; null: new to it"),
            _MODEL,
            _VERSION,
            Field("content_hash", STRING, "hash of what was priced: every column but the label"),
            Field("valued_on", DATE, "valuation date that was asked for; null: the sale's own, or none"),
            Field("scoring_run_id", STRING, "the passport in scoring_runs"),
            Field("scored_at", TIMESTAMP, "when, UTC"),
        ),
        key=("prediction_id",),
    )


def _range_fields(price: str) -> tuple[Field, ...]:
    """How far a price can be trusted."""
    return (
        Field("prediction_lower", DOUBLE, f"lower end of the range, {price}"),
        Field("prediction_upper", DOUBLE, f"upper end of the range, {price}"),
        Field("ranges", T.ArrayType(_RANGE), f"a range for each level (share of prices that it holds), {price}"),
        Field("range_group", STRING, "segment whose own errors make the ranges; null: those of all homes"),
        Field("forecast_sd", DOUBLE, "forecast standard deviation: 68 % of prices lie within this share of it"),
        Field("confidence", INT, "probability that the price paid lies within 10 % of it, in percent"),
        Field("is_extrapolation", BOOLEAN, "whether a feature lies outside what training saw"),
        Field("extrapolated_inputs", STRINGS, "the features that do"),
    )
