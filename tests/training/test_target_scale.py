"""The scale of the target: told by all training rows, the logarithm unless prices as they are do clearly better."""

from dataclasses import replace

import numpy as np
import pytest

from housing_spark.training.hist.matrix import Coded, CodedFold
from housing_spark.training.hist.target_scale import is_log_better

OPTIONS = {"seed": 7}


def fold_of(kind: str, rows: int = 3_000) -> CodedFold:
    draw = np.random.default_rng(6)
    codes = draw.integers(0, 200, (rows, 5)).astype(np.uint8)
    worth, chance = codes[:, 0] / 50 + codes[:, 1] / 100, draw.normal(0, 1, rows)
    prices = {
        "errors as large as prices": 50_000 * np.exp(worth + 0.3 * chance),
        "errors of one size": 20_000 + 100_000 * worth + 20_000 * np.maximum(chance, -0.9),
        "nothing to learn": 50_000 * (1 + 0.01 * chance),
    }[kind]
    coded = Coded(codes, prices, np.ones(rows), is_whole=True)
    return CodedFold(coded, coded.first(100))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("errors as large as prices", True), ("errors of one size", False), ("nothing to learn", True)],
)
def test_prices_tell_their_scale(kind: str, expected: bool) -> None:
    assert is_log_better(fold_of(kind), 20, OPTIONS) is expected


def test_sales_of_no_weight_tell_nothing() -> None:
    plain, log = (fold_of(kind).training for kind in ("errors of one size", "errors as large as prices"))
    both = Coded(
        *(np.concatenate([getattr(plain, name), getattr(log, name)]) for name in ("codes", "labels")),
        np.repeat([1.0, 0.0], 3_000), is_whole=True,
    )  # fmt: skip
    assert is_log_better(CodedFold(both, plain), 20, OPTIONS) is False
    assert is_log_better(CodedFold(replace(both, weights=both.weights[::-1]), plain), 20, OPTIONS) is True
