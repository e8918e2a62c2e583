"""One trial on coded folds: boost with early stopping, and judge in the label's currency. Needs no Spark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from housing_spark.boosting import xgb
from housing_spark.training.hist.bins import Values
from housing_spark.training.hist.boost import Scale
from housing_spark.training.hist.fitting import Fit, Standardized
from housing_spark.training.hist.matrix import CodedFold
from housing_spark.training.loss import trimmed_rmse
from housing_spark.training.trials import LEFT_OUT, NOTHING, TARGET_SCALE, Parameters, Proposal, Trial, failed_trial

Fitted = tuple[Trial, bytes]


@dataclass(frozen=True)
class TrialWork:
    """What every trial of a search shares; it travels to the executors.

    Attributes:
        folds: What trials are fitted on and judged by.
        patience: Trees without a better validation error after which a fit ends.
        options: XGBoost's own: the seed, constraints.
        most_seconds: After which a trial is given up; ``None``: never.
        rung_rows: Training rows of a trial that is not final.
        places: Of each family of features in the vector; a trial may leave one out.
        trimmed_share: Of the validation errors, the largest; a loss does not count them.
    """

    folds: Sequence[CodedFold]
    patience: int
    options: Mapping[str, Any]
    most_seconds: float | None
    rung_rows: int
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)
    trimmed_share: float = 0.0

    def run(self, proposal: Proposal, threads: int) -> Fitted:
        """The trial of a proposal (means over the folds), and the trees of the first fold as JSON."""
        started = monotonic()
        try:
            return self._run(proposal, threads, started)
        except Exception as error:  # noqa: BLE001  # whatever it was: the search goes on, and the trial is recorded
            return failed_trial(proposal, error, monotonic() - started), b""

    def _run(self, proposal: Proposal, threads: int, started: float) -> Fitted:
        callbacks = [_Deadline(started + self.most_seconds)] if self.most_seconds else []
        folds = self.folds if proposal.is_final else [fold.few(self.rung_rows) for fold in self.folds]
        fits = [self._fit(fold, proposal.parameters, threads, callbacks) for fold in folds]
        losses, trees = [loss for loss, _, _ in fits], [kept for _, kept, _ in fits]
        trial = Trial(
            proposal.estimator, proposal.number, proposal.parameters, proposal.point, sum(losses) / len(losses),
            round(sum(trees) / len(trees)), monotonic() - started, is_final=proposal.is_final,
        )  # fmt: skip
        return trial, fits[0][2]

    def _fit(
        self, fold: CodedFold, parameters: Parameters, threads: int, callbacks: Sequence[xgb.callback.TrainingCallback]
    ) -> tuple[float, int, bytes]:
        """The loss, trees kept, and the trees."""
        left_out = left_out_places(parameters, self.places)
        seen = CodedFold(fold.training.without(left_out), fold.validation.without(left_out))
        booster, prices = boosted(seen, parameters, self.patience, {**self.options, "nthread": threads}, callbacks)
        loss = trimmed_rmse(prices - fold.validation.labels, self.trimmed_share)
        return loss, booster.num_boosted_rounds(), bytes(booster.save_raw("json"))


def boosted(
    fold: CodedFold,
    parameters: Parameters,
    patience: int,
    options: dict[str, Any],
    callbacks: Sequence[xgb.callback.TrainingCallback] = (),
) -> tuple[xgb.Booster, Values]:
    """Trees fitted on the training rows until validation ends them, and the prices of the validation rows."""
    scale = scale_of(fold, parameters)
    training, validation = (
        Standardized(rows.codes, scale.standardize(rows.labels), scale.weigh(rows.weights))
        for rows in (fold.training, fold.validation)
    )
    fit = Fit(parameters, options, parameters["max_trees"], patience, callbacks)
    booster = fit.on(training, validation)
    return booster, scale.prices(booster.inplace_predict(validation.codes))


class _Deadline(xgb.callback.TrainingCallback):
    """Ends a fit between two trees."""

    def __init__(self, at: float) -> None:
        self._at = at

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002  # XGBoost's names
        """Raise when the time is over."""
        if monotonic() > self._at:
            raise TimeoutError(f"given up after {epoch + 1} trees; see search.trial_seconds")
        return False


def left_out_places(parameters: Parameters, places: Mapping[str, Sequence[int]]) -> Sequence[int]:
    """The places of the vector that a trial leaves out: those of one family, none of a family that has none there."""
    return places.get(str(parameters.get(LEFT_OUT, NOTHING)), ())


def scale_of(fold: CodedFold, parameters: Parameters) -> Scale:
    """The scale that a trial is fitted on."""
    return Scale.of(fold.training.labels, fold.training.weights, is_log=bool(parameters.get(TARGET_SCALE)))
