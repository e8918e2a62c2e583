"""The promotion gate: every rule, what was measured, and what it was compared with."""

from dataclasses import dataclass

from housing_spark.settings.evaluation import Gate


@dataclass(frozen=True)
class GateFigures:
    """What the gate looks at; gains are lower ends of intervals, relative.

    ``native_difference`` is that of the parity certificate: infinite without one, ``None`` for a model without trees.
    """

    gain_over_mean_price: float
    gain_over_ols: float
    gain_over_champion: float | None
    worst_segment_ratio: float
    coverage: float
    native_difference: float | None


@dataclass(frozen=True)
class Decision:
    """One rule's verdict."""

    rule: str
    value: float
    bound: float
    passed: bool


def judge(figures: GateFigures, gate: Gate) -> list[Decision]:
    """The verdict of every rule; a model is promoted when all passed."""
    decisions = [
        _at_least("gain_over_mean_price", figures.gain_over_mean_price, gate.min_gain_over_baselines),
        _at_least("gain_over_ols", figures.gain_over_ols, gate.min_gain_over_baselines),
        _at_most("worst_segment_ratio", figures.worst_segment_ratio, gate.max_segment_ratio),
        _at_least("coverage_at_least", figures.coverage, gate.min_coverage),
        _at_most("coverage_at_most", figures.coverage, gate.max_coverage),
    ]
    if figures.native_difference is not None:
        decisions.append(_at_most("native_difference", figures.native_difference, gate.max_native_difference))
    if figures.gain_over_champion is not None:
        gain, bound = figures.gain_over_champion, gate.min_gain_over_champion
        decisions.append(Decision("gain_over_champion", gain, bound, gain > bound))
    return decisions


def _at_least(rule: str, value: float, bound: float) -> Decision:
    return Decision(rule, value, bound, value >= bound)


def _at_most(rule: str, value: float, bound: float) -> Decision:
    return Decision(rule, value, bound, value <= bound)
