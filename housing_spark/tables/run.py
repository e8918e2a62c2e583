"""A run: one command on one dataset; it does its jobs once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pyspark.sql import SparkSession

from housing_spark.contract import Contract, contract_hash
from housing_spark.session import marked
from housing_spark.settings import Section, Settings
from housing_spark.tables.damage import damage_told
from housing_spark.tables.job import Job
from housing_spark.tables.report import StageReport, last_done
from housing_spark.tables.warehouse import Warehouse


@dataclass(frozen=True)
class Run:
    """One command: the session, what was asked, and where the tables are."""

    spark: SparkSession
    settings: Settings
    contract: Contract
    run_id: str
    input: str | None = None
    is_full: bool = False
    is_label_optional: bool = False
    valued_on: date | None = None

    @cached_property
    def done(self) -> dict[str, Mapping[str, Any]]:
        """The newest record of each job that did something: read once, since nobody else writes meanwhile."""
        return last_done(self.warehouse)

    @property
    def warehouse(self) -> Warehouse:
        """The dataset's tables."""
        s = self.settings
        return Warehouse(self.spark, s.warehouse, self.contract.dataset, s.catalog, s.upkeep.table_properties)

    def once(
        self,
        name: str,
        work: Callable[[Job], object],
        *,
        reads: tuple[str, ...] = (),
        settings: Sequence[Section] = (),
        **depends: Any,
    ) -> StageReport:
        """Do a job, unless the same identity was the last that was done.

        Args:
            name: The stage.
            work: Does it; calls ``job.finish`` with what it wrote and counted.
            reads: Tables it reads; their newest versions are resolved here, once.
            settings: The settings that its result depends on.
            depends: What else the result depends on; ``logic`` is the version of the stage's code.
        """
        versions = {table: self.warehouse.versions(table) for table in reads}
        lasting = {"contract": contract_hash(self.contract), **depends}
        lasting["settings"] = [section.model_dump(mode="json") for section in settings]
        mark = marked(self.spark, self.run_id, f"{self.contract.dataset} {name}")
        with mark, Job(self, StageReport(name), versions, lasting) as job:
            if not job.is_applied:
                with damage_told(self.warehouse):
                    work(job)
        return job.report

    def last_report(self, name: str) -> StageReport | None:
        """What a stage did when it last did something; ``None``: it never has."""
        last = self.done.get(name)
        return StageReport.from_row(last) if last else None
