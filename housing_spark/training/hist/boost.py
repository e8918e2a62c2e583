"""Boosting on coded features with XGBoost, made exact: the same trees for any order of the rows.

XGBoost: Chen and Guestrin, KDD 2016.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from housing_spark.training.hist.bins import MAX_BINS, Codes, Values
from housing_spark.training.trials import Parameters

_STEP = np.float32(2.0**-16)  # standard deviations of the target


@dataclass(frozen=True)
class Scale:
    """From prices to what trees are fitted on, and back.

    Attributes:
        is_log: Whether the logarithm of the price is fitted.
        centre: Mean of the target.
        spread: Its standard deviation.
    """

    is_log: bool
    centre: float
    spread: float

    @classmethod
    def of(cls, labels: Values, *, is_log: bool) -> "Scale":
        """The scale of these prices."""
        target = np.log(labels) if is_log else labels
        return cls(is_log, float(target.mean()), float(target.std()) or 1.0)

    def standardize(self, labels: Values) -> NDArray[np.float32]:
        """Targets with mean 0 and deviation 1."""
        target = np.log(labels) if self.is_log else labels
        return ((target - self.centre) / self.spread).astype(np.float32)

    def prices(self, standardized: NDArray[Any]) -> Values:
        """Prices of predictions."""
        target = standardized.astype(np.float64) * self.spread + self.centre
        return np.exp(target) if self.is_log else target


def matrix(codes: Codes, target: NDArray[np.float32], beside: xgb.QuantileDMatrix | None = None) -> xgb.QuantileDMatrix:
    """Coded rows as XGBoost reads them; every code is a bin of its own, whatever rows there are.

    Args:
        codes: Shape (rows, features).
        target: Standardized prices, shape (rows,).
        beside: The training rows, where these are validation rows.
    """
    if beside is None:
        every = np.repeat(np.arange(MAX_BINS, dtype=np.uint8)[:, None], codes.shape[1], axis=1)
        beside = xgb.QuantileDMatrix(every, max_bin=MAX_BINS)
    return xgb.QuantileDMatrix(codes, target, max_bin=MAX_BINS, ref=beside)


def boost(training: xgb.QuantileDMatrix, parameters: Parameters, options: dict[str, Any], **more: Any) -> xgb.Booster:
    """Trees fitted on coded rows.

    Args:
        training: From ``matrix``, with standardized targets.
        parameters: Of a trial.
        options: XGBoost's own: threads, seed, constraints.
        **more: For ``xgboost.train``: rounds, validation rows, early stopping.
    """
    names = {
        "eta": parameters["step_size"], "max_depth": parameters["max_depth"],
        "min_child_weight": parameters["min_instances_per_node"], "lambda": parameters["l2"],
        "colsample_bytree": parameters["column_share"],
    }  # fmt: skip
    fixed = {"tree_method": "hist", "max_bin": MAX_BINS, "base_score": 0.0, "objective": "reg:squarederror"}
    target, ones = training.get_label(), np.ones(training.num_row(), np.float32)

    def gradients(predicted: NDArray[np.float32], _: xgb.DMatrix) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        errors = predicted - target
        errors /= _STEP
        np.rint(errors, out=errors)
        errors *= _STEP
        return errors, ones

    return xgb.train(fixed | names | options, training, obj=gradients, verbose_eval=False, **more)
