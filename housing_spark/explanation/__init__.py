"""Why a price is what it is: exact Shapley values per row, folded to what a person knows of a home, in currency."""

from housing_spark.explanation.comparables import ABOUT, Homes, Nearness, with_comparables
from housing_spark.explanation.explain import (
    BASE,
    CONTRIBUTIONS,
    Explainer,
    LinearExplainer,
    TreeExplainer,
    explained_rows,
)
from housing_spark.explanation.folding import Folding
from housing_spark.explanation.permutation import rises, swapped_homes
from housing_spark.explanation.reasons import reasons_expr
from housing_spark.explanation.trees import Tree

__all__ = [
    "ABOUT",
    "BASE",
    "CONTRIBUTIONS",
    "Explainer",
    "Folding",
    "Homes",
    "LinearExplainer",
    "Nearness",
    "Tree",
    "TreeExplainer",
    "explained_rows",
    "reasons_expr",
    "rises",
    "swapped_homes",
    "with_comparables",
]
