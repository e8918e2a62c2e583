"""The sections of the settings, with the meaning, the bounds and the default of every key.

``docs/configuration.md`` is generated from this file.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from housing_spark.settings.base import Section, Share
from housing_spark.settings.features import Features
from housing_spark.settings.quality import Quality


class Ingest(Section):
    """How input files are recognised and which are let in."""

    identity: Literal["content", "name_size_time"] = Field(
        "content", description="What makes a file the same file; the second reads no bytes, for object stores."
    )
    allowed_roots: tuple[str, ...] = Field((), description="Folders that inputs must lie in; empty: any.")
    max_line_bytes: int = Field(1_048_576, ge=1_024, description="A longer line refuses its file, bytes.")


class Split(Section):
    """Which rows learn, choose, calibrate and judge."""

    salt: str = Field("housing", description="Another salt gives another split.")
    train: Share = Field(0.64, description="Share that models are fitted on.")
    validation: Share = Field(0.08, description="Share that the search compares trials on.")
    calibration: Share = Field(0.08, description="Share that the price range is calibrated on.")
    test: Share = Field(0.20, description="Share that judges the winner, once.")
    by_time: bool = Field(True, description="Where rows have an event time, the test rows are the most recent.")
    stratify_by: tuple[str, ...] = Field((), description="Columns whose values get exact shares each.")
    stratify_label_quantiles: int = Field(0, ge=0, le=100, description="Price quantiles with exact shares each.")

    @model_validator(mode="after")
    def _shares_are_whole(self) -> "Split":
        total = self.train + self.validation + self.calibration + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"train + validation + calibration + test is {total:g}, expected 1")
        return self


class Training(Section):
    """What is fitted, on which layout."""

    candidates: tuple[Literal["gbt", "random_forest", "elastic_net"], ...] = Field(
        ("gbt",), min_length=1, description="Estimators that compete."
    )
    engine: Literal["hist", "mllib"] = Field(
        "hist", description="How gbt is fitted: XGBoost's histogram trees, or Spark's own; both are Spark models."
    )
    partitions: int = Field(1, ge=1, description="Partitions of the training rows; part of mllib models' identity.")
    patience: int = Field(20, ge=1, description="Trees without a better validation error that end a hist fit.")
    one_task_mb: int = Field(
        2_048, ge=1, description="Rows x features up to which one task may fit where executors come and go, MB."
    )
    validation: Literal["holdout", "cv"] = Field("holdout", description="One validation split, or k folds.")
    folds: int = Field(3, ge=2, le=20, description="Folds of cross-validation.")
    min_rows: int = Field(200, ge=10, description="Fewer labelled training rows are refused.")
    seed: int = Field(7, description="Seed of estimators and search.")


SearchMode = Literal["auto", "executors", "threads", "local"]


class Dimension(Section):
    """One searched parameter: a range or a list of choices."""

    low: float | None = Field(None, description="Lower end of a range.")
    high: float | None = Field(None, description="Upper end of a range.")
    scale: Literal["linear", "log"] = Field("linear", description="How a range is walked.")
    integer: bool = Field(False, description="Whole numbers only.")
    points: int = Field(3, ge=1, description="Grid points of a range, for the grid method.")
    choices: tuple[bool | float | str, ...] = Field((), description="A list instead of a range.")

    @model_validator(mode="after")
    def _is_range_or_choices(self) -> "Dimension":
        is_range = self.low is not None and self.high is not None
        if is_range == bool(self.choices):
            raise ValueError("give either low and high, or choices")
        if is_range and not self.low < self.high:  # type: ignore[operator]  # both are numbers here
            raise ValueError(f"low {self.low} is not below high {self.high}")
        return self


class Search(Section):
    """The hyper-parameter search."""

    method: Literal["tpe", "random", "grid"] = Field("tpe", description="How trials are proposed.")
    library: Literal["hyperopt", "optuna"] = Field(
        "hyperopt", description="What proposes trials; optuna is an extra: pip install 'housing-spark[optuna]'."
    )
    parallelism: int = Field(2, ge=1, le=64, description="Trials of a round; fixed, whatever the cluster.")
    mode: SearchMode = Field(
        "auto",
        description="Where hist trials run: in the driver one by one (local) or at once (threads), or executors.",
    )
    max_matrix_mb: int = Field(
        512, ge=1, description="Rows x features that hist trials see, MB; beyond it a sample by hash of the key."
    )
    trial_seconds: float | None = Field(
        None, gt=0, description="Time after which a trial is given up and recorded as timed out, seconds; empty: none."
    )
    rung_rows: int = Field(
        15_000, ge=100, description="Rows that hist trials are first fitted on, judged by half as many, where "
        "there are four times as many; the best eighth of the trials, at least two, are then fitted on all.",
    )  # fmt: skip
    startup_trials: int = Field(4, ge=1, description="Random trials before TPE learns from them.")
    max_evals: dict[str, Annotated[int, Field(ge=1, le=10_000)]] = Field(
        default_factory=dict, description="Trials per candidate (TPE and random)."
    )
    spaces: dict[str, dict[str, Dimension]] = Field(default_factory=dict, description="Searched parameters.")


class Scoring(Section):
    """How rows are priced."""

    engine: Literal["native", "spark"] = Field(
        "native", description="How a model's trees are walked in batch scoring: natively, or by Spark's own model."
    )
    driver_rows: int = Field(
        10_000,
        ge=0,
        description="Up to so many rows the driver walks native trees itself, which spares the start of more Pythons.",
    )


class Evaluation(Section):
    """How a model is measured."""

    interval_level: Share = Field(0.9, description="Share of prices that the range should cover.")
    segment_min_rows: int = Field(30, ge=1, description="Segments with fewer rows are not reported.")


class Gate(Section):
    """When a model may become champion."""

    confidence: Share = Field(0.95, description="Level of the paired bootstrap interval.")
    resamples: int = Field(500, ge=100, description="Bootstrap resamples.")
    min_gain_over_baselines: float = Field(0.05, ge=0, description="Relative RMSE gain over each baseline.")
    min_gain_over_champion: float = Field(0.0, ge=0, description="Relative RMSE gain over the champion.")
    max_segment_ratio: float = Field(3.0, gt=1, description="Worst segment's RMSE over the overall RMSE.")
    min_coverage: Share = Field(0.80, description="Lowest share of test prices inside the range.")
    max_coverage: Share = Field(0.99, description="Highest share of test prices inside the range.")
    max_native_difference: float = Field(
        1e-5, gt=0, description="Largest difference of native prices from the Spark model's, relative."
    )


class Tracking(Section):
    """Where MLflow keeps runs and models."""

    uri: str | None = Field(None, description="MLflow server; empty: SQLite in the warehouse.")


class Logging(Section):
    """How the log looks, on standard error."""

    format: Literal["text", "json"] = Field("text", description="Plain lines, or one JSON object a line.")
    level: Literal["DEBUG", "INFO", "WARNING"] = Field("INFO", description="Least severe level shown.")


class Settings(Section):
    """All settings of a run."""

    warehouse: str = Field("warehouse", description="Folder or URI of the tables.")
    catalog: str | None = Field(None, description="Unity Catalog name in front of the database; empty: none.")
    spark_conf: dict[str, str] = Field(default_factory=dict, description="Spark settings of a local session.")
    ingest: Ingest = Field(default_factory=Ingest)
    quality: Quality = Field(default_factory=Quality)
    features: Features = Field(default_factory=Features)
    split: Split = Field(default_factory=Split)
    training: Training = Field(default_factory=Training)
    search: Search = Field(default_factory=Search)
    evaluation: Evaluation = Field(default_factory=Evaluation)
    scoring: Scoring = Field(default_factory=Scoring)
    gate: Gate = Field(default_factory=Gate)
    tracking: Tracking = Field(default_factory=Tracking)
    logging: Logging = Field(default_factory=Logging)
