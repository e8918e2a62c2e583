"""Facts of an invented model, for pages and pictures without Spark; names are as hostile as a file's can be."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from housing_spark.evaluation import Lean, report
from housing_spark.evaluation.report import facts as kinds
from housing_spark.evaluation.report import model_card
from housing_spark.evaluation.report.data import Data, Part

HOSTILE = "<script>alert('$x$')</script>"
ROWS, LEVEL, BANDS = 600, 0.9, 10


def invented_errors(inside_of_band: int = 54) -> kinds.Errors:
    draw = np.random.default_rng(1)
    true = draw.lognormal(12, 0.4, ROWS)
    points = tuple(zip(true.tolist(), (true * draw.lognormal(0, 0.13, ROWS)).tolist(), strict=True))
    bands = [kinds.Slice(at, 60, (-0.1, 0.01 * at, 0.12), 0.06 + 0.001 * at, 55) for at in range(BANDS)]
    bands[0] = replace(bands[0], inside=inside_of_band)
    bars = [kinds.Slice(at, 20, (0.0, 0.0, 0.0), 0.01 * abs(at - 15), 18) for at in range(30)]
    cells = [kinds.Slice(at, 5, (0.0, 0.0, 0.0), 0.002 * at, 4) for at in range(100)]
    grid = kinds.Grid(-93.7, 41.9, 0.01, 0.0075, 10, 10, 1.34)
    bounds = tuple(float(50_000 * (at + 1)) for at in range(BANDS + 1))
    return kinds.Errors(ROWS, 163_000.0, 6, bounds, 0.4, grid, tuple(bands), tuple(bars), tuple(cells), points)


def invented_facts(**changes: Any) -> kinds.Facts:
    errors = changes.pop("errors", invented_errors())
    trials = tuple(
        kinds.TrialLoss(name, 30_000.0 + 500 * at, 5.0) for name in ("gbt", "random_forest", "elastic_net")
        for at in range(3)
    )  # fmt: skip
    curve = {
        "train": tuple(0.5 * 0.9**at for at in range(24)),
        "validation": tuple(0.1 + 0.5 * 0.9**at for at in range(24)),
    }
    figures = {
        "rmse": 24_255.0, "rmse_ols": 31_115.0, "rmse_mean_price": 73_173.0, "median_ape": 0.0661, "r2": 0.89,
        "within_10_percent": 0.66, "within_20_percent": 0.86, "coverage": 0.915, "relative_width": 0.44,
        "coverage_50": 0.52, "relative_width_50": 0.18, "coverage_97_5": 0.97, "relative_width_97_5": 0.7,
        "confidence": 0.64, "confidence_met": 0.66, "median_ratio": 0.99, "cod": 9.1, "prd": 1.05, "prb": -0.02,
        "moran_i": 0.08, "moran_chance": 0.002, "moran_ols_i": 0.41, "moran_ols_chance": 0.002,
    }  # fmt: skip
    made = kinds.Facts(
        dataset="town", description=HOSTILE, currency="USD", version=3, estimator="gbt", trees=24, level=LEVEL,
        widened=1.07,
        made="2026-01-31 12:00 UTC", figures=figures, errors=errors,
        segments=(
            kinds.Segment("quarter", HOSTILE, 60, 0.11, 3e4, 0.9, Lean(0.12, 0.001)),
            kinds.Segment("quarter", "b", 50, 0.05, 2e4, 0.9, Lean(-0.01, 0.8)),
        ),
        tenths=tuple(kinds.Tenth(f"{at:02}", 60, 0.01 * (5 - at), 0.1, 0.07, 7.5) for at in range(1, 11)),
        quarters=tuple(kinds.Quarter(str(at), 150, 0.07, 1.02, 0.93 - 0.02 * at, 0.4) for at in range(1, 5)),
        max_lean=0.05,
        inside=kinds.Inside(tuple((f"feature_{at}", 0.3 / (at + 1)) for at in range(20)), "gain", curve, is_log=True),
        trials=trials, duel=kinds.Duel(2, 540, 24_000.0, 25_000.0, 0.066, 0.07), label_cap=500_001.0,
        card=model_card(_record(), _data(), errors, trials, {"Model": "town_price version 3"}),
    )  # fmt: skip
    return replace(made, **changes)


def invented_studies() -> dict[str, tuple[report.StudyFit, ...]]:
    def fit(name: str, compared: tuple[float, float, float] | None, rows: int = 400) -> report.StudyFit:
        ends = (24_000.0, 22_000.0, 26_000.0)
        ended = datetime(2026, 1, 31, tzinfo=UTC)
        return report.StudyFit(ended, name, rows, ROWS, ends, 15_000.0, 0.07, 0.12, compared)

    worse, chance = (0.23, 0.11, 0.36), (-0.02, -0.08, 0.04)
    return {
        "ablation": (fit("all", None), fit("without place", worse), fit("outliers none", chance)),
        "learning_curve": (fit("0.25", worse, 100), fit("1", None)),
        "validation": (fit("random", None), fit("time", chance), fit("spatial", worse)),
    }


def _data() -> Data:
    names = ("train", "validation", "calibration", "test")
    parts = tuple(Part(name, ROWS, 50_000.0, 163_000.0, 700_000.0, "2020-01-01", "2020-12-31") for name in names)
    return Data(parts, (-93.7, -93.6, 41.9, 42.0), (("lot_frontage", 0.17),))


def _record() -> dict[str, Any]:
    return {
        "dataset": "town",
        "contract": {
            "currency": "USD", "label": "price", "description": HOSTILE, "label_cap": 500_001.0,
            "location": {"longitude": "long", "latitude": "lat", "x": None, "y": None},
        },
        "settings": {
            "search": {"method": "tpe"}, "split": {"salt": "housing"},
            "training": {"candidates": ["gbt"], "validation": "holdout", "seed": 7},
        },
        "winner": {"estimator": "gbt", "number": 5, "parameters": {"max_depth": 5, "step_size": 0.123456}},
        "interval": {"rows": 200, "level": LEVEL},
        "provenance": {"git_commit": "abc", "is_dirty": True, "lock_sha256": "f" * 64, "packages": {"spark": "4"}},
        "tables": {"features": 0},
        "contract_hash": "0123456789ab",
    }  # fmt: skip
