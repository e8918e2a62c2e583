"""The 90 % range on the published California file over five splits: coverage, worst segment, and width."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import numpy as np
import pandas as pd
from accuracy_fit import prepared, with_parts
from california import california_file
from figures import Figure, figure_of
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rows import session

from housing_spark import modelling, training
from housing_spark.contract import Contract, load_contract
from housing_spark.settings import load_settings

_SALTS = tuple(f"split {number}" for number in range(5))
_LEVEL, _FEWEST = 0.9, 200


def figures() -> Iterator[Figure]:
    """The figures of this file."""
    contract, file = load_contract("california"), str(california_file())
    with tempfile.TemporaryDirectory() as name, session() as (spark, _):
        described = prepared(spark, Path(name), "california", file)
        read = []
        for salt in _SALTS:
            rows = with_parts(described, contract, salt)
            read.append(_split(rows, contract))
            print(salt, read[-1], file=sys.stderr, flush=True)
            rows.unpersist()
    far, covered, worst, width = (list(column) for column in zip(*read, strict=True))
    what = "test rows, 90 % range; value: mean over splits"
    yield figure_of("ranges.coverage", far, "<= 0.015", f"how far mean coverage is from 0.9; {what}", _distance)
    yield figure_of("ranges.covered", covered, None, f"coverage; {what}", mean)
    yield figure_of(
        "ranges.worst_segment", worst, ">= 0.85", f"least coverage of a segment of 200 or more {what}", mean
    )
    yield figure_of("ranges.width_over_constant", width, "<= 0.85", f"mean width over one constant width; {what}", mean)


def _distance(distances: list[float]) -> float:
    return abs(mean(distances))


def _split(rows: DataFrame, contract: Contract) -> tuple[float, float, float, float]:
    """Coverage less 0.9, coverage, that of the worst segment, and width over that of one width for all."""
    settings = load_settings("local", [], {})
    winner = training.search_winner(rows, modelling.search_plan(contract, settings, rows.schema))
    pipeline, _ = modelling.with_trust(rows, winner, contract, settings.evaluation, is_positive=True)
    test, calibration = (_priced(pipeline, rows, contract, part) for part in ("test", "calibration"))
    inside = test.label.between(test.prediction_lower, test.prediction_upper)
    segments = inside.groupby(test[contract.segments[0]]).agg(["mean", "size"])
    errors = np.sort((calibration.label - calibration.prediction).abs())
    constant = 2 * errors[int(np.ceil((len(errors) + 1) * _LEVEL)) - 1]
    width = (test.prediction_upper - test.prediction_lower).mean()
    worst = segments.loc[segments["size"] >= _FEWEST, "mean"].min()
    return float(inside.mean() - _LEVEL), float(inside.mean()), float(worst), float(width / constant)


def _priced(pipeline: PipelineModel, rows: DataFrame, contract: Contract, part: str) -> pd.DataFrame:
    names = ("label", "prediction", "prediction_lower", "prediction_upper", contract.segments[0])
    return pipeline.transform(rows.where(F.col("split") == part)).select(*names).toPandas()
