"""A trial without a fault: old predictions are made again after many later batches, another model and upkeep.

``python again.py SEED`` prints one JSON line.
"""

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
from aftermath import ran
from place import HOME, ROWS, make_files, prepare, told_by

_BATCHES, _ROWS, _CHANGED = 20, 20, 2
_SAMPLE = 1_000
_DEEP_BOUND = 1e-9


def later_batches(seed: int) -> list[str]:
    """Twenty later commits to every table that a batch writes, and one of each that a model writes."""
    prepare("priced")
    return told_by("again.py", str(seed), 3000)


def _problems(seed: int) -> list[str]:
    commands = [command for file in _files(seed) for command in _batch(file)]
    commands += [["train"], ["evaluate"], ["promote"], ["maintain"]]
    problems = [f"{command[0]}: exit {code}" for command in commands if (code := ran(command)[0])]
    for asked, bound in ((["--sample", str(_SAMPLE)], 0.0), (["--sample", "1", "--deep"], _DEEP_BOUND)):
        code, made = ran(["reproduce", *asked])
        runs = made if isinstance(made, list) else []
        print(json.dumps(runs), file=sys.stderr)
        if code or sum(one["predictions"] for one in runs) != int(asked[1]):
            problems.append(f"reproduce {' '.join(asked)}: exit {code}, {len(runs)} scoring runs")
        problems += [
            f"reproduce {' '.join(asked)}: {one['differing']} of {one['predictions']} differ"
            for one in runs if one["largest_difference"] > bound
        ]  # fmt: skip
    return problems


def _batch(file: Path) -> list[list[str]]:
    return [["ingest", "--input", str(file)], ["clean"], ["features"], ["score"]]


def _files(seed: int) -> list[Path]:
    """Files of few sales: most are new, some take the place of earlier ones."""
    folder = HOME / "files" / "later"
    shutil.rmtree(folder, ignore_errors=True)
    make_files(folder, _BATCHES * _ROWS, seed + 50, 0.0)
    rows = pd.concat(pd.read_csv(file, dtype=str, keep_default_na=False) for file in folder.glob("*.csv"))
    rows = rows.reset_index(drop=True)
    is_new = rows.groupby(rows.index // _ROWS).cumcount() >= _CHANGED
    rows["sale_id"] = (rows["sale_id"].astype(int) + is_new * ROWS["first"]).astype(str)
    files = []
    for number in range(_BATCHES):
        files.append(folder.with_name(f"later-{number}.csv"))
        rows.iloc[number * _ROWS : (number + 1) * _ROWS].to_csv(files[-1], index=False)
    return files


if __name__ == "__main__":
    print(json.dumps({"problems": _problems(int(sys.argv[1]))}))
