"""One trial on coded folds: boost with early stopping, and judge in the label's currency. Needs no Spark."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from housing_spark.training.hist.boost import Scale, boost, matrix
from housing_spark.training.hist.matrix import CodedFold
from housing_spark.training.trials import TARGET_SCALE, Parameters, Proposal, Trial


@dataclass(frozen=True)
class TrialWork:
    """What every trial of a search shares; it travels to the executors.

    Attributes:
        folds: What trials are fitted on and judged by.
        patience: Trees without a better validation error after which a fit ends.
        seed: Of the columns that trees see.
    """

    folds: Sequence[CodedFold]
    patience: int
    seed: int

    def run(self, proposal: Proposal, threads: int) -> tuple[Trial, bytes]:
        """The trial of a proposal (means over the folds), and the trees of the first fold as JSON."""
        started = monotonic()
        fits = [self._fit(fold, proposal.parameters, threads) for fold in self.folds]
        losses, trees = [loss for loss, _, _ in fits], [kept for _, kept, _ in fits]
        trial = Trial(
            proposal.estimator, proposal.number, proposal.parameters, proposal.point, sum(losses) / len(losses),
            round(sum(trees) / len(trees)), monotonic() - started,
        )  # fmt: skip
        return trial, fits[0][2]

    def _fit(self, fold: CodedFold, parameters: Parameters, threads: int) -> tuple[float, int, bytes]:
        """Validation RMSE, trees kept, and the trees."""
        scale = scale_of(fold, parameters)
        training = matrix(fold.training.codes, scale.standardize(fold.training.labels))
        validation = matrix(fold.validation.codes, scale.standardize(fold.validation.labels), training)
        booster = boost(
            training, parameters, {"seed": self.seed, "nthread": threads}, num_boost_round=parameters["max_trees"],
            evals=[(validation, "validation")], early_stopping_rounds=self.patience,
        )  # fmt: skip
        kept = booster[: booster.best_iteration + 1]
        errors = scale.prices(kept.predict(validation)) - fold.validation.labels
        return float(np.sqrt(np.mean(errors**2))), booster.best_iteration + 1, bytes(kept.save_raw("json"))


def scale_of(fold: CodedFold, parameters: Parameters) -> Scale:
    """The scale that a trial is fitted on."""
    return Scale.of(fold.training.labels, is_log=bool(parameters.get(TARGET_SCALE)))
