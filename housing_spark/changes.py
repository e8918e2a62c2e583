"""What of a table is new to the stage that reads it: the rows of later batches, unless the table was written anew."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.tables import Run, StageReport

_READ = "read_to"


@dataclass(frozen=True)
class Mark:
    """How far a table has come.

    Attributes:
        whole: The version at which it was last written as a whole.
        last_batch: Its newest batch since.
        last_replacing: Its newest batch since with rows in place of earlier ones; none came after it.
    """

    whole: int = 0
    last_batch: str = ""
    last_replacing: str = ""

    def noted(self) -> dict[str, Any]:
        """As the stage that reads the table records it."""
        return {_READ: asdict(self)}


def written_to(
    version: int, before: StageReport | None, last_batch: str, *, is_replacing: bool = False
) -> dict[str, Any]:
    """What a stage records of the table that it wrote: as a whole at this version, or in addition to a report."""
    earlier = _written(before) if before else Mark(version)
    return asdict(Mark(earlier.whole, last_batch, last_batch if is_replacing else earlier.last_replacing))


def passed_on(mark: Mark, version: int, before: StageReport | None) -> dict[str, Any]:
    """What a stage records that wrote all it read up to a mark."""
    whole = _written(before).whole if before else version
    return mark.noted() | asdict(replace(mark, whole=whole))


def mark_of(run: Run, stage: str) -> Mark:
    """How far the table of an earlier stage has come, by its record; one that was killed may have left none."""
    report = run.last_report(stage)
    return _written(report) if report else Mark()


def goes_on(before: StageReport | None, mark: Mark) -> StageReport | None:
    """The report that a stage can add to: the table it reads has only grown since."""
    return before if before is not None and read_to(before).whole == mark.whole else None


def later_rows(rows: DataFrame, before: StageReport | None) -> DataFrame:
    """The rows that came, or came in another form, after a report; all of them where there is none."""
    return rows if before is None else rows.where(F.col("batch_id") > read_to(before).last_batch)


def are_new(before: StageReport, mark: Mark) -> bool:
    """Whether the rows after a report are homes that the table did not have, and none of them gave way to another."""
    return mark.last_replacing <= read_to(before).last_batch


def read_to(report: StageReport) -> Mark:
    """How far a stage read the table before it."""
    return Mark(**report.details.get(_READ, {}))


def _written(report: StageReport) -> Mark:
    details = report.details
    last = details.get("last_batch", "")
    return Mark(details.get("whole", 0), last, details.get("last_replacing", last))  # older records do not tell
