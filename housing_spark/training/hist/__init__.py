"""Histogram trees: boosted by XGBoost on coded features, kept as Spark's own ``GBTRegressionModel``.

* Cut points come from rows chosen by the hash of their key, so no layout and no number of workers moves them.
* Gradients are whole multiples of 2**-16, whose sums in double precision are exact in any order. So the trees are the
  same, bit for bit, on any layout, with any number of threads and of workers.
"""

from housing_spark.training.hist.engine import HistFits
from housing_spark.training.hist.matrix import Coder
from housing_spark.training.hist.trust import Trust, fit_trust

__all__ = ["Coder", "HistFits", "Trust", "fit_trust"]
