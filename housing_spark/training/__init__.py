"""Learning a price: split, canonical layout, candidate estimators, and the search over their parameters."""

from housing_spark.training.blocks import learn_blocks, with_block_split
from housing_spark.training.refit import refit
from housing_spark.training.search import SearchPlan, Winner, search_winner
from housing_spark.training.split import PARTS, SplitRecord, check_parts, fit_split, with_split
from housing_spark.training.tracking import Tracker
from housing_spark.training.trials import Trial

__all__ = [
    "PARTS", "SearchPlan", "SplitRecord", "Tracker", "Trial", "Winner", "check_parts", "fit_split",
    "learn_blocks", "refit", "search_winner", "with_block_split", "with_split",
]  # fmt: skip
