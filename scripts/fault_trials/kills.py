"""Trials in which a command is killed, interrupted or denied space, and then run again."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from json import dumps

from place import HOME, PATH, WAREHOUSE, fingerprints, last_line, prepare, started, told_by, undisturbed

_LIMIT = 600.0


@dataclass(frozen=True)
class Kill:
    """A fault while one command works.

    Attributes:
        state: What the warehouse is before.
        commands: The command that meets the fault; all are run after it.
        point: Where the code says that the fault happens, with its action; "" where it comes from outside.
        outside: What is done to the process from outside.
        exits: Exit codes that are right.
    """

    state: str
    commands: tuple[tuple[str, ...], ...]
    point: str = ""
    outside: Callable[["subprocess.Popen[bytes]", random.Random], None] | None = None
    exits: tuple[int, ...] = (-signal.SIGKILL,)


def run_kill(kill: Kill, seed: int) -> list[str]:
    """What did not hold; nothing: the trial is passed."""
    expected = _undisturbed(kill)
    prepare(kill.state)
    environment = {"HOUSING_ENABLE_FAULTS": "1", "HOUSING_FAULT": kill.point} if kill.point else {}
    log = HOME / "killed.log"
    process = started(kill.commands[0], environment, log)
    if kill.outside:
        kill.outside(process, random.Random(seed))  # noqa: S311  # no secret
    code = process.wait(_LIMIT)
    problems = [] if code in kill.exits else [f"exit {code}, expected {kill.exits}: {last_line(log)}"]
    if code > 0 and "Traceback" in log.read_text(errors="replace"):
        problems.append("a stack trace was shown")
    return problems + aftermath(kill.commands) + differences(expected)


def aftermath(commands: Sequence[Sequence[str]]) -> list[str]:
    """What did not hold after the commands were run again."""
    return told_by("aftermath.py", dumps(commands), _LIMIT)


def _undisturbed(kill: Kill) -> dict[str, tuple[int, int] | None]:
    """The tables as the same commands leave them without a fault: the state that they lead to."""
    last = kill.commands[-1][0]
    return undisturbed(
        "priced" if last == "run" else next(one for one, words in PATH.items() if words and words[0] == last)
    )


def differences(expected: dict[str, tuple[int, int] | None]) -> list[str]:
    """Tables that are not as these fingerprints say."""
    found = fingerprints()
    return [
        f"{table}: {found[table]}, undisturbed {expected[table]}"
        for table in expected
        if found[table] != expected[table]
    ]


def when_files_come(table: str, most_delay: float) -> Callable[["subprocess.Popen[bytes]", random.Random], None]:
    """Kill as soon as a data file of a table is there, which no commit names yet, or a moment later."""

    def kill(process: "subprocess.Popen[bytes]", chance: random.Random) -> None:
        folder = WAREHOUSE / "market" / table
        before = set(folder.glob("*.parquet"))
        while process.poll() is None and not set(folder.glob("*.parquet")) - before:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, most_delay))
        process.kill()

    return kill


def at_random(seconds: float) -> Callable[["subprocess.Popen[bytes]", random.Random], None]:
    """Kill at any moment of a run that takes about so long."""

    def kill(process: "subprocess.Popen[bytes]", chance: random.Random) -> None:
        try:
            process.wait(chance.uniform(0, seconds))
        except subprocess.TimeoutExpired:
            process.kill()

    return kill


def interrupts(count: int, most_delay: float) -> Callable[["subprocess.Popen[bytes]", random.Random], None]:
    """Ctrl-C once or twice, at any moment after the start."""

    def interrupt(process: "subprocess.Popen[bytes]", chance: random.Random) -> None:
        time.sleep(3 + chance.uniform(0, most_delay))
        for _ in range(count):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                time.sleep(0.3)

    return interrupt
