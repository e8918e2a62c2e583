"""Spark's daemon of Python workers with the libraries of every task loaded: a new one would need seconds."""

import pandas as pd
import pyarrow as pa
from pyspark.daemon import manager

from housing_spark.boosting import xgb

LOADED = (pd, pa, xgb)

if __name__ == "__main__":
    manager()
