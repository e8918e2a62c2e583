"""A real cluster: a master, two workers whose Python has no packages, and jobs with the packed environment."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from housing_spark.pipeline import STAGES
from housing_spark.provenance import read_provenance
from tests.conftest import give_model_store
from tests.pipeline.conftest import MARKET_SETS
from tests.pipeline.test_promises import assert_same_model, table

ROOT = Path(__file__).parent.parent.parent
PROBE = ROOT / "tests" / "jobs" / "looking_around.py"
# What conf/local.yaml says for small tables; quickly compiled code, for jobs of a minute; logs and events as JSON.
SPARK = (
    "spark.sql.shuffle.partitions=2",
    "spark.databricks.delta.snapshotPartitions=1",
    "spark.delta.logStore.file.impl=io.delta.storage.LocalLogStore",
    "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
    "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
    # Few rows: as in conf/local.yaml.
    "spark.sql.codegen.wholeStage=false",
    "spark.sql.codegen.factoryMode=NO_CODEGEN",
    "spark.log.level=WARN",
    "spark.log.structuredLogging.enabled=true",
    "spark.eventLog.compress=false",
)
# The layout of the local run: it decides the trees, the cluster does not.
SETS = (*MARKET_SETS, "training.partitions=1", "scoring.driver_rows=0", "logging.format=json")

pytestmark = pytest.mark.cluster


@dataclass
class Cluster:
    """The cluster of ``scripts/cluster``, on ports and in a folder of its own."""

    folder: Path
    environment: dict[str, str]
    busy: list[list[int]] = field(default_factory=list)

    def script(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``scripts/cluster``."""
        command = [str(ROOT / "scripts" / "cluster"), *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def submit(self, *words: str) -> list[dict[str, Any]]:
        """Submit a job, watch the master's page while it runs, and return the lines of its driver.

        In client mode Spark hands on what a Python driver says, result and log, on standard output.
        """
        conf = [word for setting in SPARK for word in ("--conf", setting)]
        command = [str(ROOT / "scripts" / "submit"), *conf, *words]
        out, log = (self.folder / name for name in ("submitted.out", "submitted.log"))
        with out.open("w") as stdout, log.open("w") as stderr:
            job = subprocess.Popen(command, env=self.environment, stdout=stdout, stderr=stderr)
            while job.poll() is None:
                self.busy.append([worker["coresused"] for worker in self.page()["workers"]])
                time.sleep(0.5)
        assert job.returncode == 0, (out.read_text() + log.read_text())[-4000:]
        return [json.loads(line) for line in out.read_text().splitlines()]

    def page(self) -> dict[str, Any]:
        """The master's page, as JSON."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.environment['CLUSTER_PAGE']}/json/", timeout=30) as answer:
            return dict(json.load(answer))


def free_ports(count: int) -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    port, page = free_ports(2)
    names = {"CLUSTER_DIR": str(folder), "CLUSTER_PORT": port, "CLUSTER_PAGE": page, "CLUSTER_CLEANUP": "30"}
    subprocess.run([str(ROOT / "scripts" / "build")], check=True, capture_output=True)
    one = Cluster(folder, os.environ | names)
    started = one.script("start")
    try:
        assert started.returncode == 0, started.stderr
        yield one
    finally:
        stopped = one.script("stop")
    assert stopped.returncode == 0, stopped.stderr
    assert one.script("status").returncode == 6


def on_market(finished: Any, warehouse: Path) -> list[str]:
    sets = [word for text in SETS for word in ("--set", text)]
    return ["--dataset", "market", "--input", str(finished[0] / "in"), "--warehouse", str(warehouse), *sets, "--json"]


def test_the_cluster_gives_what_one_machine_gives(cluster: Cluster, finished: Any, tmp_path: Path) -> None:
    both = ("--conf", "spark.scheduler.minRegisteredResourcesRatio=1")  # both executors, then a task on each
    give_model_store(tmp_path)
    scripts = ",".join(str(ROOT / "jobs" / name) for name in ("pipeline.py", "features.py"))
    lines = cluster.submit(*both, str(PROBE), scripts, "--env", "cluster", *on_market(finished, tmp_path))
    check_workers([line for line in lines if "executor" in line], cluster.folder)
    whole, again = (line for line in lines if "stages" in line)
    assert {stage["job"]: stage["status"] for stage in whole["stages"]} == dict.fromkeys(dict(STAGES), "done")
    assert [stage["status"] for stage in again["stages"]] == ["already applied"]
    assert [1, 1] in cluster.busy
    assert_same_model(finished[0] / "warehouse", tmp_path)
    assert table(tmp_path, "scoring_runs")["git_commit"].tolist() == [read_provenance().git_commit]
    check_log([line for line in lines if "level" in line], whole["run_id"], again["run_id"])
    check_events(cluster.folder, whole["run_id"], again["run_id"])


def check_log(log: list[dict[str, Any]], *runs: str) -> None:
    """Every line names its run, and every stage has one."""
    assert {line["run"] for line in log} == set(runs)
    assert dict(STAGES).keys() <= {line["message"].split(":")[0] for line in log if line["run"] == runs[0]}


def check_events(folder: Path, *runs: str) -> None:
    """Spark's own record names the runs in their jobs, and both workers did their tasks."""
    (application,) = (folder / "events").iterdir()
    events = [json.loads(line) for file in sorted(application.glob("events_*")) for line in file.open()]
    started = [one for one in events if one["Event"] == "SparkListenerJobStart"]
    jobs = [one["Properties"] for one in started]
    marks = {job["spark.job.description"] for job in jobs if runs[0] in job.get("spark.job.tags", "")}
    named = {job["mdc.run_id"] for job in jobs if "mdc.run_id" in job}
    assert runs[0] in named
    assert named <= set(runs)
    assert any(f"market train, run {runs[0]}" in mark for mark in marks)
    whole = {
        stage for job in started if runs[0] in job["Properties"].get("spark.job.tags", "") for stage in job["Stage IDs"]
    }
    ends = [one for one in events if one["Event"] == "SparkListenerTaskEnd" and one["Stage ID"] in whole]
    assert {one["Task Info"]["Executor ID"] for one in ends} == {"0", "1"}


def check_workers(found: list[dict[str, Any]], folder: Path) -> None:
    """The workers have pandas from the archive, and from nowhere else."""
    assert len({one["executor"] for one in found}) == 2
    for one in found:
        assert one["pandas"].startswith(str(folder / "work"))
        assert "/environment/lib/python3.11/site-packages/pandas/" in one["pandas"]
        assert one["bare_python"].startswith(str(folder / "python" / "bin"))
        assert one["bare_error"] == ["ModuleNotFoundError: No module named 'pandas'"]


def test_a_second_start_changes_nothing(cluster: Cluster) -> None:
    before = sorted(worker["id"] for worker in cluster.page()["workers"])
    again = cluster.script("start")
    assert again.returncode == 0
    assert sorted(worker["id"] for worker in cluster.page()["workers"]) == before
    assert again.stdout.count("ALIVE") == 3
