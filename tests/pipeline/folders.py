"""The files of a run's tables, and what verification says of them."""

from pathlib import Path

from housing_spark import verifying
from housing_spark.tables import Run


def folder(run: Run) -> Path:
    return Path(run.settings.warehouse) / "market"


def log(run: Run, table: str, version: int) -> Path:
    return folder(run) / table / "_delta_log" / f"{version:020d}.json"


def forget_crc(file: Path) -> None:
    """Hadoop's own checksum beside a file, which object stores do not have."""
    (file.parent / f".{file.name}.crc").unlink(missing_ok=True)


def failed(run: Run) -> dict[tuple[str, str], str]:
    return {(one.table, one.check): one.detail for one in verifying.verify(run) if not one.passed}
