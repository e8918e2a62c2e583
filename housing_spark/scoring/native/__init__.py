"""Tree ensembles scored natively: the same trees, compiled, many times faster, checked against the Spark model."""

from housing_spark.scoring.native.ensemble import Ensemble, read_ensemble
from housing_spark.scoring.native.flat import NativeEnsemble
from housing_spark.scoring.native.kept import load_native, make_native, read_certificate
from housing_spark.scoring.native.stage import is_priced_by_trees, price_natively

__all__ = [
    "Ensemble",
    "NativeEnsemble",
    "is_priced_by_trees",
    "load_native",
    "make_native",
    "price_natively",
    "read_certificate",
    "read_ensemble",
]
