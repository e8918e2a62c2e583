"""Trials on the standalone cluster: an executor, or a worker with its executor, is killed while a stage runs."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kills import aftermath, differences
from place import HOME, PATH, prepare, undisturbed, words

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
from on_cluster import ROOT, asked, cluster, descendants

_CLUSTER = HOME / "cluster"
_EXECUTOR = "CoarseGrainedExecutorBackend"
_LIKE_ONE_MACHINE = ("--set", "training.partitions=1", "--set", "scoring.driver_rows=0")
_SPARK = ("--conf", "spark.sql.shuffle.partitions=2")
_REST = {"train": (("evaluate",), ("promote",), ("score",))}  # a model is the same where its prices are


@dataclass(frozen=True)
class Loss:
    """What is killed, and when.

    Attributes:
        stage: The job that runs.
        seconds: It happens within so many after the executors are there.
        with_worker: Whether the worker goes too, so that no executor comes back in its place.
    """

    stage: str
    seconds: float
    with_worker: bool = False


def run_loss(loss: Loss, seed: int) -> list[str]:
    """What did not hold; nothing: the job ended well, and its tables are as those of an undisturbed run."""
    rest = _REST.get(loss.stage, ())
    states, jobs = list(PATH), [command[:1] for command in PATH.values()]
    place = jobs.index((loss.stage,))
    expected = undisturbed(states[jobs.index(rest[-1])] if rest else states[place])
    prepare(states[place - 1])
    with cluster(_CLUSTER) as environment:
        problems = _killed(loss, seed, environment)
    again = rest or (PATH[states[place]],)  # a model of other settings is another
    return problems + aftermath(again) + differences(expected)


def _killed(loss: Loss, seed: int, environment: dict[str, str]) -> list[str]:
    """What a job that loses an executor did wrong, and whether it was there to be lost."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    command = next(command for command in PATH.values() if command[:1] == (loss.stage,))
    job = [*words(command), *_LIKE_ONE_MACHINE]
    with (HOME / "executor.log").open("wb") as log:
        process = subprocess.Popen(
            [str(ROOT / "scripts" / "submit"), *_SPARK, *job], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        while process.poll() is None and not _executors():
            time.sleep(0.2)
        time.sleep(chance.uniform(0, loss.seconds))
        worker = chance.choice(sorted(_CLUSTER.glob("worker-*.pid")))
        lost = _executors(worker)
        for victim in [*lost, *([int(worker.read_text())] if loss.with_worker else [])]:
            os.kill(victim, signal.SIGKILL)
        code = process.wait(900)
    problems = [] if code == 0 else [f"exit {code}, see {HOME / 'executor.log'}"]
    return problems if lost else [*problems, "the job ended before an executor was killed"]


def _executors(*workers: Path) -> list[int]:
    """Executors of these workers, by process id; without any: of all."""
    roots = [int(file.read_text()) for file in workers or _CLUSTER.glob("worker-*.pid")]
    return [one for one in descendants(roots) if _EXECUTOR in asked(one, "cmdline")]
