"""The whole pipeline on ``ames`` into an empty warehouse, environment ready."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, figure_of, timed

_WHAT = "s, housing run --dataset ames into an empty warehouse, default budget; once: a user waits once"


def figures() -> Iterator[Figure]:
    """Seconds of the run and of its stages, and the error of the model."""
    with tempfile.TemporaryDirectory() as warehouse:
        command = [str(Path(sys.executable).with_name("housing")), "run", "--dataset", "ames", "--json"]
        run = lambda: subprocess.run([*command, "--warehouse", warehouse], check=True, stdout=subprocess.PIPE)  # noqa: E731
        seconds, done = timed(run)
    result = json.loads(done.stdout)
    yield figure_of("quickstart.warm_seconds", [seconds], "<= 90", _WHAT)
    for stage in result["stages"]:
        yield figure_of(f"quickstart.{stage['job']}_seconds", [stage["seconds"]], None, "s of that")
    rmse = next(stage["details"]["test"]["rmse"] for stage in result["stages"] if stage["job"] == "evaluate")
    yield figure_of("quickstart.test_rmse", [rmse], None, "USD, RMSE of the model on the test rows")
