"""Which code, packages and lock file made a result, and who asked for it."""

import getpass
import hashlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyspark

from housing_spark.settings import masked_word
from housing_spark.yaml_files import conf_file

_PACKAGES = ("housing-spark", "delta-spark", "mlflow", "hyperopt", "numpy", "pandas", "pyarrow")
_GIT = shutil.which("git") or "git"
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Provenance:
    """The code that is running."""

    git_commit: str | None
    is_dirty: bool | None
    lock_sha256: str | None
    packages: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def read_provenance() -> Provenance:
    """The code that is running: a checkout as it is, or what the wheel or zip says it was built from."""
    # A cluster's own pyspark lies beside Spark, and no package manager knows of it.
    packages = {"pyspark": pyspark.__version__} | {name: found for name in _PACKAGES if (found := _version(name))}
    built = conf_file("build.json")
    if built.is_file():
        return Provenance(**json.loads(built.read_text()), packages=packages)
    lock = _ROOT / "requirements.lock"
    commit = _git("rev-parse", "HEAD")
    status = _git("status", "--porcelain")
    lock_sha256 = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None
    return Provenance(commit, bool(status) if commit else None, lock_sha256, packages)


def ran_by() -> str:
    """The user and the machine of this process."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # an identity without a name, as containers have
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def command_line() -> str:
    """The words that this process was started with, secrets as stars."""
    return shlex.join(masked_word(word) for word in sys.argv)


def _git(*arguments: str) -> str | None:
    if not (_ROOT / ".git").exists():
        return None
    try:
        done = subprocess.run(  # noqa: S603  # fixed arguments
            (_GIT, "-C", str(_ROOT), *arguments), capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
