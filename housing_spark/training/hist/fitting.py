"""A fit of boosted trees on standardized rows, on all cut points or on random ones; validation or a number ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_spark.boosting import xgb
from housing_spark.training.hist.bins import Codes
from housing_spark.training.hist.boost import (
    Gradients,
    boost,
    boost_until,
    error_of,
    settings_of,
    training_matrix,
    validation_matrix,
)
from housing_spark.training.hist.random_cuts import RandomCuts
from housing_spark.training.hist.sampling import row_sample
from housing_spark.training.trials import Parameters

RANDOM_CUTS = "random_cuts"


@dataclass(frozen=True)
class Standardized:
    """Rows as trees are fitted on them.

    Attributes:
        codes: Shape (rows, features).
        target: Standardized prices, shape (rows,).
        weights: With mean 1, shape (rows,).
    """

    codes: Codes
    target: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Fit:
    """What a fit needs besides the rows.

    Attributes:
        parameters: Of a trial; with ``random_cuts`` each tree sees so many random cut points of a feature.
        options: XGBoost's own: threads, seed, constraints.
        trees: How many, at most.
        patience: Trees without a better validation error after which the fit ends.
        callbacks: XGBoost's own, asked after each tree.
    """

    parameters: Parameters
    options: dict[str, Any]
    trees: int
    patience: int = 0
    callbacks: Sequence[xgb.callback.TrainingCallback] = ()

    def on(self, training: Standardized, judging: Standardized | None) -> xgb.Booster:
        """The trees, cut after the best where there are rows to judge by."""
        if self.parameters.get(RANDOM_CUTS):
            return self._on_random_cuts(training, judging)
        rows = training_matrix(training.codes, training.target, training.weights, threads=self.options["nthread"])
        sample = row_sample(training.codes, training.target, self.parameters, self.options)
        common = rows, self.parameters, self.options, sample
        more: dict[str, Any] = {"num_boost_round": self.trees, "callbacks": list(self.callbacks)}
        if judging is None:
            return boost(*common, **more)
        judges = validation_matrix(judging.codes, judging.target, rows, self.options["nthread"])
        return boost_until(judges, self.patience, *common, **more)

    def _on_random_cuts(self, training: Standardized, judging: Standardized | None) -> xgb.Booster:
        """Predictions are added up by ourselves: XGBoost keeps them for the rows that it is trained on, here many."""
        cuts = int(self.parameters[RANDOM_CUTS])
        rows = RandomCuts(training.codes, training.target, training.weights, cuts, self.options)
        sample = row_sample(training.codes, training.target, self.parameters, self.options)
        gradients = Gradients(training.target, training.weights, self.parameters, sample)
        booster = xgb.Booster(settings_of(self.parameters, self.options), [rows.matrix(0)])
        predicted = _Predicted(training, judging, self.options["nthread"])
        errors: list[float] = []
        for tree in range(self.trees):
            gradient, counted = gradients.of(predicted.values)
            booster.boost(rows.matrix(tree), iteration=tree, grad=gradient, hess=counted)
            predicted.add(booster, tree)
            errors.append(predicted.error)
            if any(callback.after_iteration(booster, tree, {}) for callback in self.callbacks):
                break
            if judging is not None and tree - int(np.argmin(errors)) >= self.patience:
                break
        return booster if judging is None else booster[: int(np.argmin(errors)) + 1]


class _Predicted:
    """What the trees so far predict, of all rows at once: a call costs more than a thousand rows."""

    def __init__(self, training: Standardized, judging: Standardized | None, threads: int) -> None:
        self._target = None if judging is None else judging.target
        codes = training.codes if judging is None else np.concatenate([training.codes, judging.codes])
        self._rows, self._count = xgb.DMatrix(codes, nthread=threads), len(training.codes)
        self._all = np.zeros(len(codes), np.float32)

    def add(self, booster: xgb.Booster, tree: int) -> None:
        """One more tree."""
        self._all += booster.predict(self._rows, output_margin=True, iteration_range=(tree, tree + 1))

    @property
    def values(self) -> NDArray[np.float32]:
        """Of the rows that trees are fitted on."""
        return self._all[: self._count]

    @property
    def error(self) -> float:
        """The root mean squared error of the rows to judge by; 0 where there are none."""
        return 0.0 if self._target is None else error_of(self._all[self._count :], self._target)
