"""XGBoost as ``xgb``, without scikit-learn, which it imports wherever it finds it and which nothing here asks it for.

That import is 2.0 of 2.5 seconds, in the driver and again in every Python worker.
"""

import sys

_HIDDEN = "sklearn"

_is_hidden = _HIDDEN not in sys.modules
if _is_hidden:
    sys.modules[_HIDDEN] = None  # type: ignore[assignment]  # Python's own way to say: not installed
try:
    import xgboost as xgb
finally:
    if _is_hidden:
        del sys.modules[_HIDDEN]

__all__ = ["xgb"]
