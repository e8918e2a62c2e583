"""Boosting on coded features with XGBoost, made exact: the same trees for any order of the rows.

XGBoost: Chen and Guestrin, KDD 2016. Huber's loss: Huber, Annals of Mathematical Statistics 35, 1964.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_spark.boosting import xgb
from housing_spark.training.hist.bins import MAX_BINS, Codes, Values
from housing_spark.training.hist.sampling import RowSample
from housing_spark.training.trials import Parameters

_STEP = np.float32(2.0**-16)  # standard deviations of the target


@dataclass(frozen=True)
class Scale:
    """From prices to what trees are fitted on, and back.

    Attributes:
        is_log: Whether the logarithm of the price is fitted.
        centre: Weighted mean of the target.
        spread: Its standard deviation, weighted too.
        unit: Mean weight of the rows that count: a fit depends on how weights compare, not on their unit.
    """

    is_log: bool
    centre: float
    spread: float
    unit: float

    @classmethod
    def of(cls, labels: Values, weights: Values, *, is_log: bool) -> "Scale":
        """The scale of these prices."""
        target = np.log(labels) if is_log else labels
        centre = float(np.average(target, weights=weights))
        spread = float(np.sqrt(np.average((target - centre) ** 2, weights=weights)))
        return cls(is_log, centre, spread or 1.0, float(weights[weights > 0].mean()))

    def weigh(self, weights: Values) -> NDArray[np.float32]:
        """Weights with mean 1."""
        return (weights / self.unit).astype(np.float32)

    def standardize(self, labels: Values) -> NDArray[np.float32]:
        """Targets with mean 0 and deviation 1."""
        target = np.log(labels) if self.is_log else labels
        return ((target - self.centre) / self.spread).astype(np.float32)

    def prices(self, standardized: NDArray[Any]) -> Values:
        """Prices of predictions."""
        target = standardized.astype(np.float64) * self.spread + self.centre
        return np.exp(target) if self.is_log else target


def training_matrix(
    codes: Codes,
    target: NDArray[np.float32],
    weights: NDArray[np.float32],
    starts: Sequence[Codes] | None = None,
    threads: int | None = None,
) -> xgb.QuantileDMatrix:
    """Coded rows as XGBoost reads them; the bins do not depend on where rows are.

    Args:
        codes: Shape (rows, features).
        target: Standardized prices, shape (rows,).
        weights: With mean 1, shape (rows,).
        starts: Of each feature, the lowest code of each bin; by default every code is a bin of its own.
        threads: That read them; ``None``: as many as there are cores.
    """
    lowest = starts or [np.arange(largest + 1, dtype=np.uint8) for largest in largest_codes(codes)]
    size = max(map(len, lowest), default=0)  # bins that no row needs would be searched at every node
    every = np.column_stack([np.pad(one, (0, size - len(one)), mode="edge") for one in lowest])
    bins = xgb.QuantileDMatrix(every, max_bin=MAX_BINS, nthread=1)
    return xgb.QuantileDMatrix(codes, target, weight=weights, max_bin=MAX_BINS, ref=bins, nthread=threads)


def largest_codes(codes: Codes) -> NDArray[np.int64]:
    """The largest code of each feature, shape (features,), of all workers' rows."""
    largest: NDArray[np.int64] = xgb.collective.allreduce(
        codes.max(axis=0, initial=0).astype(np.int64), xgb.collective.Op.MAX
    )
    return largest


def validation_matrix(
    codes: Codes, target: NDArray[np.float32], beside: xgb.QuantileDMatrix, threads: int
) -> xgb.QuantileDMatrix:
    """Rows that judge a fit, each as much as another; ``beside`` are its training rows."""
    return xgb.QuantileDMatrix(codes, target, max_bin=MAX_BINS, ref=beside, nthread=threads)


def boost(
    training: xgb.QuantileDMatrix,
    parameters: Parameters,
    options: dict[str, Any],
    sample: RowSample | None = None,
    **more: Any,
) -> xgb.Booster:
    """Trees fitted on coded rows.

    Args:
        training: From ``training_matrix``.
        parameters: Of a trial; an error beyond ``huber_delta`` deviations of the target counts as its size, not as its
            square.
        options: XGBoost's own: threads, seed, constraints.
        sample: The rows that each tree is fitted on; ``None``: all.
        **more: For ``xgboost.train``: rounds, callbacks, what ends a fit early.
    """
    gradients = Gradients(training.get_label(), training.get_weight(), parameters, sample)
    settings = settings_of(parameters, options)
    return xgb.train(settings, training, obj=gradients.of, verbose_eval=False, **more)


def settings_of(parameters: Parameters, options: dict[str, Any]) -> dict[str, Any]:
    """What XGBoost is told of a trial."""
    names = {
        "eta": parameters["step_size"], "max_depth": parameters["max_depth"],
        "min_child_weight": parameters["min_instances_per_node"], "lambda": parameters["l2"],
        "colsample_bytree": parameters["column_share"],
    }  # fmt: skip
    fixed = {"tree_method": "hist", "max_bin": MAX_BINS, "base_score": 0.0, "objective": "reg:squarederror",
             "disable_default_eval_metric": True}  # fmt: skip
    return fixed | names | options


class Gradients:
    """The gradients of Huber's loss, tree after tree, on the rows of each tree's sample.

    Args:
        target: Standardized prices, shape (rows,).
        weights: With mean 1, shape (rows,).
        parameters: Of a trial.
        sample: The rows that each tree is fitted on; ``None``: all.
    """

    def __init__(
        self,
        target: NDArray[np.float32],
        weights: NDArray[np.float32],
        parameters: Parameters,
        sample: RowSample | None,
    ) -> None:
        self._target, self._weights, self._sample = target, _rounded(weights.copy()), sample
        self._delta, self._trees = np.float32(parameters.get("huber_delta", np.inf)), count()

    def of(
        self, predicted: NDArray[np.float32], _: xgb.DMatrix | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Gradients and weights of the next tree, from what the trees so far predict."""
        counted, tree = self._weights, next(self._trees)
        if self._sample is not None:
            counted = counted * self._sample.of(tree)
        errors = np.clip(predicted - self._target, -self._delta, self._delta)
        errors *= counted
        return _rounded(errors), counted


def boost_until(judging: xgb.QuantileDMatrix, patience: int, *arguments: Any, **more: Any) -> xgb.Booster:
    """As ``boost``, ended when no tree of so many has made the error on ``judging`` less, and cut after the best."""
    fitted = boost(
        *arguments, evals=[(judging, "validation")], custom_metric=_error, early_stopping_rounds=patience, **more
    )
    best: xgb.Booster = fitted[: fitted.best_iteration + 1]
    return best


def _error(predicted: NDArray[np.float32], judging: xgb.DMatrix) -> tuple[str, float]:
    return "rmse", error_of(predicted, judging.get_label())


def error_of(predicted: NDArray[np.float32], target: NDArray[np.float32]) -> float:
    """The same root mean squared error however rows are shared out among workers."""
    squares = _rounded((predicted - target) ** 2)
    sums = np.array([squares.sum(dtype=np.float64), len(squares)])
    total, rows = xgb.collective.allreduce(sums, xgb.collective.Op.SUM)
    return float(np.sqrt(total / rows))


def _rounded(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Whole multiples of a small step, in place: their sums are exact, so that no order of the rows changes them."""
    numbers /= _STEP
    np.rint(numbers, out=numbers)
    numbers *= _STEP
    return numbers
