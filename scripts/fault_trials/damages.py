"""Trials in which a finished table is damaged: every kind is refused or healed, and never read wrongly."""

import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import deltalake
from place import HOME, WAREHOUSE, fingerprints, last_line, prepare, started

_TABLE = WAREHOUSE / "market" / "clean"
_LOG = _TABLE / "_delta_log"


@dataclass(frozen=True)
class Damage:
    """A kind of damage to ``clean``, and what a command must answer.

    Attributes:
        do: The damage.
        command: What is run then.
        code: What its line must begin with; "" where it must end well.
        exit: Its exit code.
    """

    do: Callable[[random.Random], None]
    command: tuple[str, ...] = ("verify",)
    code: str = "E-TABLE"
    exit: int = 7


def run_damage(damage: Damage, seed: int) -> list[str]:
    """What did not hold; nothing: the trial is passed."""
    prepare("described")
    before = fingerprints() if not damage.exit else None
    damage.do(random.Random(seed))  # noqa: S311  # no secret
    log = HOME / "damaged.log"
    process: subprocess.Popen[bytes] = started(damage.command, {}, log)
    code, said = process.wait(600), log.read_text(errors="replace")
    problems = [] if code == damage.exit else [f"exit {code}, expected {damage.exit}"]
    if damage.code and damage.code not in said:
        problems.append(f"{damage.code} was not said: {last_line(log)}")
    if "Traceback" in said:
        problems.append("a stack trace was shown")
    if before is not None and fingerprints() != before:
        problems.append("rows are others than before")
    return problems


def commit(version: int) -> Path:
    """A commit of the table."""
    return _LOG / f"{version:020d}.json"


def checksum() -> Path:
    """What Delta wrote down of the newest version to check itself."""
    return max(_LOG.glob("*.crc"))


def commits() -> list[Path]:
    """All commits, oldest first."""
    return sorted(_LOG.glob("*.json"))


def some_file(chance: random.Random) -> Path:
    """A data file of the table."""
    return chance.choice(sorted(_TABLE.glob("*.parquet")))


def forget_crc(file: Path) -> None:
    """Hadoop's checksum beside a file, which object stores do not have."""
    (file.parent / f".{file.name}.crc").unlink(missing_ok=True)


def tear(file: Path) -> None:
    """Cut a file in two and lose the second half."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    forget_crc(file)


def flip(file: Path, place: int) -> None:
    """Turn one bit."""
    content = bytearray(file.read_bytes())
    content[place % len(content)] ^= 1
    file.write_bytes(bytes(content))
    forget_crc(file)


def flip_path(file: Path) -> None:
    """Turn a bit of a path in a commit."""
    flip(file, file.read_bytes().index(b'"path":"part-') + len(b'"path":"pa'))


def replace(file: Path) -> None:
    """Another table's file in its place."""
    other = next((WAREHOUSE / "market" / "raw").glob("*.parquet"))
    shutil.copyfile(other, file)
    forget_crc(file)


def drop_in() -> None:
    """A file that no commit names."""
    shutil.copyfile(next(_TABLE.glob("*.parquet")), _TABLE / "part-00000-dropped-in.snappy.parquet")


def write(file: Path, content: bytes) -> None:
    """Something else."""
    file.write_bytes(content)
    forget_crc(file)


def grow() -> deltalake.DeltaTable:
    """Three more commits, as upkeep makes them: no row changes."""
    table = deltalake.DeltaTable(str(_TABLE))
    for number in range(3):
        table.alter.set_table_properties({"delta.dataSkippingNumIndexedCols": str(32 + number)})
    return table


def middle_commit() -> Path:
    """A commit between others."""
    grow()
    return commit(1)


def checkpoint() -> Path:
    """The checkpoint of the table, which is made for it."""
    grow().create_checkpoint()
    return next(_LOG.glob("*.checkpoint*.parquet"))
