"""Settings of a model's making: which rows do what, what is fitted, and how it is searched."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from housing_spark.settings.base import Section, Share
from housing_spark.settings.features import FAMILIES

SearchMode = Literal["auto", "executors", "threads", "local"]


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
    patience: int = Field(30, ge=1, description="Trees without a better validation error that end a hist fit.")
    blend: int = Field(
        1, ge=1, le=20, description="Trials of gbt by hist that may share the model: so many of the best with one "
        "target scale, as one ensemble, their mean; 1: the best trial alone.",
    )  # fmt: skip
    one_task_mb: int = Field(
        2_048, ge=1, description="Rows x features up to which one task may fit where executors come and go, MB."
    )
    validation: Literal["holdout", "cv"] = Field("holdout", description="One validation split, or k folds.")
    folds: int = Field(3, ge=2, le=20, description="Folds of cross-validation.")
    min_rows: int = Field(200, ge=10, description="Fewer labelled training rows are refused.")
    seed: int = Field(7, description="Seed of estimators and search.")

    @model_validator(mode="after")
    def _blend_is_of_hist(self) -> "Training":
        if self.blend > 1 and (self.engine != "hist" or "gbt" not in self.candidates):
            raise ValueError(f"blend {self.blend} is of gbt trials with engine hist; set those, or blend 1")
        return self


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
    trimmed_share: float = Field(
        0.03, ge=0, lt=0.5, description="Share of the validation errors, the largest, that a trial's loss leaves out, "
        "so that a few odd sales do not decide which is best; 0: the loss is the RMSE.",
    )  # fmt: skip
    startup_trials: int = Field(4, ge=1, description="Random trials before TPE learns from them.")
    max_evals: dict[str, Annotated[int, Field(ge=1, le=10_000)]] = Field(
        default_factory=dict, description="Trials per candidate (TPE and random)."
    )
    spaces: dict[str, dict[str, Dimension]] = Field(default_factory=dict, description="Searched parameters.")

    @model_validator(mode="after")
    def _families_can_be_left_out(self) -> "Search":
        for name, space in self.spaces.items():
            if "left_out" not in space:
                continue
            if name != "gbt":
                raise ValueError(f"spaces.{name}.left_out: only gbt by hist leaves families of features out")
            unknown = set(space["left_out"].choices) - {"none", *FAMILIES}
            if unknown or not space["left_out"].choices:
                known = ", ".join(("none", *FAMILIES))
                raise ValueError(f"spaces.gbt.left_out: expected choices of {known}; got {sorted(map(str, unknown))}")
        return self
