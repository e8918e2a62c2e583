"""What the studies of a model cost on ``ames``, and what they find."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from figures import Figure, figure_of

_GAPS = {"time": "the newest sales", "spatial": "whole blocks of the map"}
_HELD_OUT = "RMSE where test rows are {}, over that of a random split, less 1; low and high: 95 % interval; ames"


def figures() -> Iterator[Figure]:
    """Seconds of each study, and the gaps to a random split."""
    with tempfile.TemporaryDirectory() as warehouse:
        _housing("run", warehouse)
        result = _housing("evaluate", warehouse, "--studies")
    for stage in result["stages"]:
        name = stage["job"].removeprefix("study ")
        fits = len(result["studies"][name])
        what = f"s, housing evaluate on ames, {fits} fits; once: a model is studied once"
        yield figure_of(f"studies.{name}_seconds", [stage["seconds"]], "<= 60", what)
    for fit in result["studies"]["validation"]:
        if fit["compared"]:
            value, low, high = fit["compared"]
            what = _HELD_OUT.format(_GAPS[fit["name"]])
            yield Figure(f"studies.{fit['name']}_gap", value, low, high, 1, None, True, what)
    curve = result["studies"]["learning_curve"]
    for fit in (one for one in curve if one["compared"]):
        value, low, high = fit["compared"]
        what = f"what {curve[-1]['training_rows']:,} training rows take off the RMSE of {fit['training_rows']:,}, ames"
        yield Figure(f"studies.gain_over_{fit['name']}_of_rows", value, low, high, 1, None, True, what)
    for fit in (one for one in result["studies"]["ablation"] if one["compared"]):
        value, low, high = fit["compared"]
        name, what = fit["name"].replace(" ", "_"), f"what all features take off the RMSE of: {fit['name']}, ames"
        yield Figure(f"studies.gain_over_{name}", value, low, high, 1, None, True, what)


def _housing(command: str, warehouse: str, *more: str) -> dict[str, Any]:
    words = [str(Path(sys.executable).with_name("housing")), command, "--dataset", "ames", "--warehouse", warehouse]
    done = subprocess.run([*words, *more, "--json"], check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(done.stdout)
    return result
