"""The compiled walk down the trees is kept for the next process, and does without a place to keep it in."""

import subprocess
import sys

import numpy as np

from housing_spark.scoring.native import walk

# One tree: a root and two leaves, split on the only feature at 2.
CODE = """
import numpy as np
from housing_spark.scoring.native.walk import walk
number = np.uint32
trees = (np.zeros(1, number), np.ones(1, number), np.zeros(3, number), np.array([1, 1, 2], number), np.zeros(4, number))
found = walk(np.array([[1.0, 2.0, 3.0]]), trees, np.array([2.0, np.inf, np.inf]), np.array([0.0, 5.0, 7.0]),
             np.zeros(0, np.bool_))
print(found.tolist(), sum(walk.stats.cache_hits.values()))
"""


def test_another_process_does_not_compile_the_walk_again() -> None:
    for _ in range(2):
        answer = subprocess.run((sys.executable, "-c", CODE), capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[5.0, 5.0, 7.0] 1"


def test_where_nothing_can_be_kept_the_walk_is_compiled_all_the_same() -> None:
    code: dict[str, object] = {}
    exec("def doubled(x):\n    return 2 * x", code)  # noqa: S102  # has no file, so no place beside it
    assert walk._compiled(code["doubled"])(np.float64(4)) == 8
