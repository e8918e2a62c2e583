"""What a search on a sample loses: its winner beside the winner of the same points on all rows."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import mean

import numpy as np
import pandas as pd
from california import california_file
from figures import Figure, figure_of

from housing_spark.settings import load_settings
from housing_spark.training.hist.bins import Bins, learn_bins
from housing_spark.training.hist.matrix import Coded, CodedFold
from housing_spark.training.hist.trial import TrialWork
from housing_spark.training.proposals import Proposer
from housing_spark.training.trials import Proposal

_POINTS, _SEEDS, _SHARE = 40, 5, 0.25
_LABEL, _CATEGORY = "median_house_value", "ocean_proximity"


def sample_regret() -> Figure:
    """RMSE of the sample's winner fitted on all rows over that of all rows' winner, mean over seeds."""
    table = pd.read_csv(california_file())
    found = [_seed(table, seed) for seed in range(_SEEDS)]
    regrets, correlations = zip(*found, strict=True)
    what = (
        "validation RMSE of the winner on a quarter of California over the winner on all rows, both fitted on these, "
        f"{_POINTS} points; value: mean over seeds; rank correlation {mean(correlations):.2f}"
    )
    return figure_of("search.sample_regret", list(regrets), "<= 1.005", what, mean)


def _seed(table: pd.DataFrame, seed: int) -> tuple[float, float]:
    fold = _fold(table.sample(frac=1, random_state=seed))
    search = load_settings("local", [], {}).search.model_copy(update={"method": "random"})
    points = Proposer("gbt", search.spaces["gbt"], search, seed).propose(range(_POINTS), ())
    sample = replace(fold, training=fold.training.first(round(_SHARE * len(fold.training.labels))))
    few, every = _losses(sample, points), _losses(fold, points)
    ranks = (pd.Series(losses).rank() for losses in (few, every))
    return float(every[np.argmin(few)] / every.min()), float(np.corrcoef(*ranks)[0, 1])


def _losses(fold: CodedFold, points: Sequence[Proposal]) -> np.ndarray:
    work = TrialWork([fold], 20, {"seed": 7}, None, rung_rows=0)
    return np.array([work.run(point, 2)[0].loss for point in points])


def _fold(table: pd.DataFrame) -> CodedFold:
    """Four fifths to fit on, one fifth to judge by, in the order of the rows."""
    labels = table[_LABEL].to_numpy(float)
    described = table.drop(columns=_LABEL).assign(**{_CATEGORY: table[_CATEGORY].astype("category").cat.codes})
    values = described.fillna(described.median()).to_numpy(float)
    cut = len(table) * 4 // 5
    place = list(described).index(_CATEGORY)
    bins = learn_bins(values[:cut], labels[:cut], {place: int(values[:, place].max()) + 1})
    return CodedFold(_coded(bins, values[:cut], labels[:cut]), _coded(bins, values[cut:], labels[cut:]))


def _coded(bins: Bins, values: np.ndarray, labels: np.ndarray) -> Coded:
    return Coded(bins.codes(values), labels, np.ones(len(labels)), is_whole=True)
