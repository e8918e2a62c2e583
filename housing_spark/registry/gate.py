"""The promotion gate: every rule, what was measured, and what it was compared with."""

from dataclasses import dataclass

from housing_spark.settings.evaluation import Gate


@dataclass(frozen=True)
class Gains:
    """What a candidate gains over the champion, relative.

    Attributes:
        mae: In mean absolute error, as measured.
        least_mae: Lower end of the interval of the same.
        rmse: In root mean squared error, as measured.
    """

    mae: float
    least_mae: float
    rmse: float


@dataclass(frozen=True)
class GateFigures:
    """What the gate looks at; gains over baselines are lower ends of intervals, relative.

    ``native_difference`` is that of the parity certificate: infinite without one, ``None`` for a model without trees.
    """

    gain_over_mean_price: float
    gain_over_ols: float
    over_champion: Gains | None
    worst_segment_ratio: float
    coverage: float
    median_ratio: float
    cod: float
    native_difference: float | None
    leaks: int


@dataclass(frozen=True)
class Decision:
    """One rule's verdict; without numbers where nothing was measured."""

    rule: str
    value: float | None
    bound: float | None
    passed: bool


PROMOTED_UNJUDGED = Decision("gate_off", None, None, passed=True)
PROMOTED_NOBODY = Decision("dry_run", None, None, passed=False)


def judge(figures: GateFigures, gate: Gate) -> list[Decision]:
    """The verdict of every rule; a model is promoted when all passed, which in a dry run never happens."""
    decisions = [
        _at_least("gain_over_mean_price", figures.gain_over_mean_price, gate.min_gain_over_baselines),
        _at_least("gain_over_ols", figures.gain_over_ols, gate.min_gain_over_baselines),
        _at_most("worst_segment_ratio", figures.worst_segment_ratio, gate.max_segment_ratio),
        _at_least("coverage_at_least", figures.coverage, gate.min_coverage),
        _at_most("coverage_at_most", figures.coverage, gate.max_coverage),
        _at_least("median_ratio_at_least", figures.median_ratio, gate.min_median_ratio),
        _at_most("median_ratio_at_most", figures.median_ratio, gate.max_median_ratio),
        _at_most("cod_at_most", figures.cod, gate.max_cod),
        _at_most("leaks_at_most", figures.leaks, 0),
    ]
    if figures.native_difference is not None:
        decisions.append(_at_most("native_difference", figures.native_difference, gate.max_native_difference))
    if figures.over_champion is not None:
        decisions += judge_gains(figures.over_champion, gate)
    return decisions + [PROMOTED_NOBODY] * (gate.mode == "dry_run")


def judge_gains(gains: Gains, gate: Gate) -> list[Decision]:
    """The verdict of the rules about the champion: a gain worth a change, that is no chance, and no loss in RMSE.

    Few rows decide squared errors, so that they tell a gain from chance worse than absolute ones do
    (``docs/decisions/0014-what-the-gate-asks.md``).
    """
    return [
        _at_least("gain_over_champion", gains.mae, gate.min_gain_over_champion),
        Decision("least_gain_over_champion", gains.least_mae, 0.0, gains.least_mae > 0),
        _at_least("rmse_gain_over_champion", gains.rmse, gate.min_rmse_gain_over_champion),
    ]


def _at_least(rule: str, value: float, bound: float) -> Decision:
    return Decision(rule, value, bound, value >= bound)


def _at_most(rule: str, value: float, bound: float) -> Decision:
    return Decision(rule, value, bound, value <= bound)
