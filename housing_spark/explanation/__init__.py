"""Why a price is what it is: exact Shapley values per row, folded to what a person knows of a home, in currency."""

from housing_spark.explanation.explain import Explainer, LinearExplainer, TreeExplainer, explained_rows
from housing_spark.explanation.folding import Folding
from housing_spark.explanation.trees import Tree

__all__ = ["Explainer", "Folding", "LinearExplainer", "Tree", "TreeExplainer", "explained_rows"]
