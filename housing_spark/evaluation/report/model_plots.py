"""Pictures of the model and of how it was found: each function draws on empty axes."""

from itertools import accumulate

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from housing_spark.evaluation.report.facts import Facts
from housing_spark.pages.bars import Bar, paint_bars
from housing_spark.pages.theme import COLOR
from housing_spark.pages.words import amount, short_amount, short_percent, shortened

SHOWN_FEATURES = 15
_KINDS = ("first", "second", "third")
_MARKERS = ("o", "s", "^")


def comparison(facts: Facts, axes: Axes) -> None:
    """RMSE of the model beside the baselines, and beside the champion on the rows they share."""
    figures, duel = facts.figures, facts.duel
    rivals = [("this model", figures["rmse"], "first"), ("least squares", figures["rmse_ols"], "soft")]
    rivals.append(("mean price", figures["rmse_mean_price"], "soft"))
    if duel:
        rivals.append((f"this model,\n{duel.rows:,} shared rows", duel.rmse, "first"))
        rivals.append((f"champion v{duel.version},\nthe same rows", duel.champion_rmse, "second"))
    paint_bars([Bar(name, rmse, amount(rmse), color) for name, rmse, color in rivals], axes)
    axes.set_xlabel(f"RMSE on test rows, {facts.currency} (shorter is better)")
    axes.xaxis.set_major_formatter(FuncFormatter(short_amount))


def importance(facts: Facts, axes: Axes) -> None:
    """The features that count most."""
    paint_bars(
        [Bar(shortened(name), weight) for name, weight in facts.inside.weights[:SHOWN_FEATURES]], axes, room=1.05
    )
    axes.set_xlabel("share of the total")
    axes.xaxis.set_major_formatter(FuncFormatter(short_percent))


def learning_curve(facts: Facts, axes: Axes) -> None:
    """The error after each tree, on rows that trees were fitted on and on rows that they were not."""
    for (split, curve), color in zip(facts.inside.curve.items(), _KINDS, strict=False):
        axes.plot(range(1, len(curve) + 1), curve, color=COLOR[color], linewidth=1.6, label=split)
    axes.set(xlabel="trees", ylim=(0, None))
    axes.set_ylabel("RMSE of the price's logarithm" if facts.inside.is_log else f"RMSE, {facts.currency}")
    if not facts.inside.is_log:
        axes.yaxis.set_major_formatter(FuncFormatter(short_amount))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()


def search_history(facts: Facts, axes: Axes) -> None:
    """The loss of every trial, in the order they ended, and the best so far."""
    losses = [trial.loss for trial in facts.trials]
    best = list(accumulate(losses, min))
    axes.step(range(1, len(best) + 1), best, where="post", color=COLOR["ink"], linewidth=1, label="best so far")
    for place, name in enumerate(dict.fromkeys(trial.estimator for trial in facts.trials)):
        own = [(at, trial.loss) for at, trial in enumerate(facts.trials, 1) if trial.estimator == name]
        color, marker = COLOR[_KINDS[place % len(_KINDS)]], _MARKERS[place % len(_MARKERS)]
        axes.plot(*zip(*own, strict=True), linestyle="none", markersize=5, label=name, color=color, marker=marker)
    axes.set(xlabel="trials, in the order they ended", ylabel=f"loss on validation rows, {facts.currency}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(short_amount))
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=4, columnspacing=1, handletextpad=0.4)
