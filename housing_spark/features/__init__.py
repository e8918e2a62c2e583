"""Features: row expressions of the contract, then Spark ML stages that learn from training rows alone."""

from housing_spark.features.ablation import variants
from housing_spark.features.describe import describe_sales, feature_names
from housing_spark.features.domain import fit_domain
from housing_spark.features.families import family_of
from housing_spark.features.outliers import ordinary_rows
from housing_spark.features.stages import VECTOR, stage_fitter
from housing_spark.features.vector import monotone_signs, vector_features

__all__ = [
    "VECTOR",
    "describe_sales",
    "family_of",
    "feature_names",
    "fit_domain",
    "monotone_signs",
    "ordinary_rows",
    "stage_fitter",
    "variants",
    "vector_features",
]
