"""Places where a run can be made to fail, and a sample of what scripts/faults does with them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from housing_spark import faults

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_REACHED", faults.Counter())


def test_nothing_happens_where_faults_are_not_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSING_FAULT", "clean/started:raise")
    faults.reach("clean/started")


def test_a_fault_happens_at_its_place_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSING_ENABLE_FAULTS", "1")
    monkeypatch.setenv("HOUSING_FAULT", "train/after/trials*2:enospc")
    faults.reach("train/after/trials")
    faults.reach("train/before/trials")
    with pytest.raises(OSError, match="No space left on device"):
        faults.reach("train/after/trials")


def test_a_process_is_killed(tmp_path: Path) -> None:
    code = "from housing_spark.faults import reach; reach('x/started'); print('alive')"
    env = {"HOUSING_ENABLE_FAULTS": "1", "HOUSING_FAULT": "x/started:kill9", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (-9, b"")


def test_the_harness_lists_its_trials() -> None:
    program = [sys.executable, str(ROOT / "scripts" / "fault_trials"), "--list"]
    done = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
    counts = {line.split()[0]: line.split()[1:3] for line in done.stdout.splitlines()}
    assert counts["FI-03"] == ["6", "30"]
    assert {"FI-01", "FI-10", "FI-22", "FI-40", "FI-67"} <= set(counts)


def test_a_driver_killed_between_two_commits_leaves_no_trace(tmp_path: Path) -> None:
    asked = ["--only", "FI-04", "--rerun", "--minutes", "0.01"]
    program = [sys.executable, str(ROOT / "scripts" / "fault_trials"), *asked]
    env = os.environ | {"PYTHONPATH": str(ROOT), "FAULTS_DIR": str(tmp_path)}
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stderr
    assert "FI-04 0 driver killed: clean committed: survived" in done.stderr
