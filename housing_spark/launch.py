"""From options to a run: settings, contract, log, session and lock, in that order, so that mistakes cost no start."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread

from pyspark.sql import SparkSession

from housing_spark.contract import load_contract
from housing_spark.errors import ConfigurationError
from housing_spark.log import configure_logging
from housing_spark.materializing import checkpoints
from housing_spark.session import start_session
from housing_spark.settings import Settings, load_settings
from housing_spark.tables import (
    CHECKPOINTS,
    WORKING_FOLDERS,
    Run,
    Warehouse,
    check_logs,
    damage_told,
    find_warehouses,
    hold,
    local_path,
)


@dataclass(frozen=True)
class Options:
    """What the commands have in common."""

    dataset: str = "ames"
    input: str | None = None
    env: str = "local"
    warehouse: str | None = None
    overrides: Sequence[str] | None = None
    spark_conf: Sequence[str] | None = None
    is_full: bool = False
    is_label_optional: bool = False
    valued_on: date | None = None
    is_checked: bool = True

    def settings(self) -> Settings:
        """The settings that these options lead to."""
        overrides = (*(self.overrides or ()), *([f"warehouse={self.warehouse}"] if self.warehouse else []))
        return load_settings(self.env, overrides, os.environ)


@contextmanager
def open_run(options: Options, beside: Callable[[Settings], None] | None = None) -> Iterator[Run]:
    """A run that may write: it holds the dataset's lock until the end.

    Args:
        options: What the command was given.
        beside: What may pass while Spark starts.

    Raises:
        HousingSparkError: A mistake in settings or contract, a missing resource, or another run.
    """
    settings, contract = options.settings(), load_contract(options.dataset)
    if options.valued_on and contract.event_time is None:
        raise ConfigurationError(
            "E-CLI-009", f"--as-of {options.valued_on}: sales of {contract.dataset} have no time; name event_time in "
            "the contract, or leave --as-of out"
        )  # fmt: skip
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    configure_logging(run_id, form=settings.logging.format, level=settings.logging.level)
    root = local_path(settings.warehouse)
    with hold(root and root / contract.dataset, run_id):
        spark = _session_beside(beside, f"housing {contract.dataset}", settings, options.spark_conf)
        asked = (options.input, options.is_full, options.is_label_optional, options.valued_on)
        run = Run(spark, settings, contract, run_id, *asked)
        folder = f"{run.warehouse.location}/{CHECKPOINTS}/{run_id}"
        if root is not None:
            _sweep(root / contract.dataset)
        with checkpoints(spark, folder), damage_told(run.warehouse):
            if options.is_checked:
                check_logs(run)
            yield run


def _sweep(dataset: Path) -> None:
    """Remove the working folders of runs that were killed: who holds the lock is alone."""
    for folder in WORKING_FOLDERS:
        for left in (dataset / folder).glob("*"):
            shutil.rmtree(left, ignore_errors=True)


def _session_beside(
    work: Callable[[Settings], None] | None, name: str, settings: Settings, spark_conf: Sequence[str] | None
) -> SparkSession:
    """The session, started while work goes on that needs none; where it does not start, the work is not waited for."""
    beside = Thread(target=work, args=(settings,), daemon=True)
    beside.start()
    spark = open_session(name, settings, spark_conf)
    beside.join()
    return spark


def open_session(name: str, settings: Settings, spark_conf: Sequence[str] | None = None) -> SparkSession:
    """The Spark session of a command.

    Raises:
        ConfigurationError: A Spark setting is not ``key=value``.
    """
    pairs = [text.partition("=") for text in spark_conf or ()]
    for key, separator, _ in pairs:
        if not separator:
            raise ConfigurationError("E-CLI-001", f"--spark-conf {key}: expected key=value")
    conf = settings.spark_conf | {key: value for key, _, value in pairs}
    root = local_path(settings.warehouse)
    return start_session(name, conf, (root / "_logs" if root else Path(tempfile.gettempdir())) / "spark.log")


def warehouses(spark: SparkSession, settings: Settings) -> list[Warehouse]:
    """Every dataset in the warehouse.

    Raises:
        ConfigurationError: There is none.
    """
    found = find_warehouses(spark, settings.warehouse, settings.catalog)
    if not found:
        place = local_path(settings.warehouse) or settings.warehouse
        raise ConfigurationError("E-CLI-007", f"no tables in {place}: run 'housing run' first, or give --warehouse")
    return found
