"""The published California file, which is not ours to ship: CALIFORNIA=housing.csv scripts/bench NAME."""

import os
import sys
from pathlib import Path


def california_file() -> Path:
    """Where it is, by the environment."""
    path = Path(os.environ.get("CALIFORNIA", ""))
    if not path.is_file():
        print(f"E-CLI-002 CALIFORNIA={path}: expected the path of the published housing.csv", file=sys.stderr)
        raise SystemExit(2)
    return path
