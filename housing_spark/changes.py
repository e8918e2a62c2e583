"""What of a table is new to the stage that reads it: the rows of later batches, unless the table was written anew."""

from dataclasses import asdict, dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.tables import Run, StageReport

_READ = "read_to"


@dataclass(frozen=True)
class Mark:
    """How far a table has come: the version at which it was last written as a whole, and its newest batch since."""

    whole: int = 0
    last_batch: str = ""

    def noted(self) -> dict[str, Any]:
        """As the stage that reads the table records it."""
        return {_READ: asdict(self)}


def written_to(version: int, before: StageReport | None, last_batch: str) -> dict[str, Any]:
    """What a stage records of the table that it wrote: as a whole at this version, or in addition to a report."""
    return asdict(Mark(before.details.get("whole", 0) if before else version, last_batch))


def passed_on(mark: Mark, version: int, before: StageReport | None) -> dict[str, Any]:
    """What a stage records that wrote all it read up to a mark."""
    return mark.noted() | written_to(version, before, mark.last_batch)


def mark_of(run: Run, stage: str) -> Mark:
    """How far the table of an earlier stage has come, by its record; one that was killed may have left none."""
    report = run.last_report(stage)
    details = report.details if report else {}
    return Mark(details.get("whole", 0), details.get("last_batch", ""))


def goes_on(before: StageReport | None, mark: Mark) -> StageReport | None:
    """The report that a stage can add to: the table it reads has only grown since."""
    return before if before is not None and read_to(before).whole == mark.whole else None


def later_rows(rows: DataFrame, before: StageReport | None) -> DataFrame:
    """The rows that came, or came in another form, after a report; all of them where there is none."""
    return rows if before is None else rows.where(F.col("batch_id") > read_to(before).last_batch)


def read_to(report: StageReport) -> Mark:
    """How far a stage read the table before it."""
    return Mark(**report.details.get(_READ, {}))
