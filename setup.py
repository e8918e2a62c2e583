"""Everything about the package is in pyproject.toml; this adds the shipped configuration and the code's origin."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

LOCK = Path("requirements.lock")


def git(*arguments: str) -> str | None:
    """What git answers in this checkout; nothing outside one."""
    if not Path(".git").exists() or not shutil.which("git"):
        return None
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603, S607  # fixed arguments


class BuildWithConf(build_py):
    """Puts conf/, spark-defaults.conf and build.json beside the package's modules."""

    def run(self) -> None:
        """Copy after the modules are built."""
        super().run()
        target = Path(self.build_lib) / "housing_spark" / "conf"
        if not self.editable_mode:
            shutil.copytree("conf", target, dirs_exist_ok=True)
            shutil.copy("spark-defaults.conf", target)
            commit = git("rev-parse", "HEAD")
            is_dirty = bool(git("status", "--porcelain")) if commit else None
            lock = hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.is_file() else None
            built = {"git_commit": commit, "is_dirty": is_dirty, "lock_sha256": lock}
            (target / "build.json").write_text(json.dumps(built))


setup(cmdclass={"build_py": BuildWithConf})
