"""The verdicts of the promotion gate, rule by rule."""

from dataclasses import replace

import pytest

from housing_spark.registry import Gains, GateFigures, judge
from housing_spark.settings.evaluation import Gate

GOOD = GateFigures(0.5, 0.4, Gains(0.03, 0.02, 0.01), 1.2, 0.9, 1.0, 9.0, 1e-12, 0)


def refusals(figures: GateFigures, gate: Gate | None = None) -> list[str]:
    return [decision.rule for decision in judge(figures, gate or Gate()) if not decision.passed]


def test_a_good_model_passes_every_rule() -> None:
    assert refusals(GOOD) == []
    assert refusals(replace(GOOD, over_champion=None)) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("gain_over_mean_price", {"gain_over_mean_price": 0.04}),
        ("gain_over_ols", {"gain_over_ols": 0.04}),
        ("worst_segment_ratio", {"worst_segment_ratio": 3.1}),
        ("coverage_at_least", {"coverage": 0.7}),
        ("coverage_at_most", {"coverage": 0.999}),
        ("median_ratio_at_least", {"median_ratio": 0.89}),
        ("median_ratio_at_most", {"median_ratio": 1.11}),
        ("cod_at_most", {"cod": 26.0}),
        ("leaks_at_most", {"leaks": 1}),
        ("native_difference", {"native_difference": 1e-4}),
        ("native_difference", {"native_difference": float("inf")}),
        ("gain_over_champion", {"over_champion": Gains(0.01, 0.005, 0.1)}),
        ("least_gain_over_champion", {"over_champion": Gains(0.03, 0.0, 0.1)}),
        ("rmse_gain_over_champion", {"over_champion": Gains(0.03, 0.02, -0.001)}),
    ],
)
def test_each_rule_refuses_alone(rule: str, changes: dict[str, object]) -> None:
    assert refusals(replace(GOOD, **changes)) == [rule]


def test_a_model_without_trees_needs_no_certificate() -> None:
    rules = [decision.rule for decision in judge(replace(GOOD, native_difference=None), Gate())]
    assert "native_difference" not in rules


def test_a_dry_run_judges_and_promotes_nobody() -> None:
    gate = Gate(mode="dry_run")
    assert refusals(GOOD, gate) == ["dry_run"]
    assert refusals(replace(GOOD, coverage=0.7), gate) == ["coverage_at_least", "dry_run"]
