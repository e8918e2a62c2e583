"""Pricing rows: which have no price of a model yet, what they are priced with, and the passport of their prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark import changes, judging, scoring
from housing_spark.contract import contract_hash
from housing_spark.errors import InputRefusedError
from housing_spark.materializing import materialized
from housing_spark.provenance import read_provenance
from housing_spark.registry import RegisteredModel
from housing_spark.schemas.models import SCORING_RUNS
from housing_spark.tables import Job, Run, StageReport

_HELD_KEYS = 1_000_000  # of 32 characters: about 100 MB in each executor


@dataclass(frozen=True)
class Unpriced:
    """Rows that the newest price is not a version's of, in their present content.

    Attributes:
        rows: Rows of the features table.
        read_to: How far that table has come.
        count: How many they are.
        are_few: Whether these are rows of later batches alone, and every executor may hold their keys.
        are_new: Whether the version has seen none of these homes, priced or in training.
    """

    rows: DataFrame
    read_to: changes.Mark
    count: int
    are_few: bool
    are_new: bool

    def parted(self, run: Run, model: RegisteredModel) -> DataFrame:
        """The rows with the part they played for the version."""
        if self.are_new:
            return self.rows.withColumn("split", F.lit(None).cast("string"))
        return judging.with_part(run, self.rows, model, are_few=self.are_few)


def finished_predictions(run: Run) -> DataFrame | None:
    """The predictions at the run's valuation date by scoring runs that left a passport; ``None`` before the first."""
    if not run.warehouse.exists(SCORING_RUNS.name):
        return None
    finished = run.warehouse.read(SCORING_RUNS.name).select("scoring_run_id")
    predictions = run.warehouse.read("predictions").join(finished, on="scoring_run_id", how="left_semi")
    return predictions.where(F.col("valued_on").eqNullSafe(F.lit(run.valued_on).cast("date")))


def unpriced_rows(job: Job, version: int) -> Unpriced:
    """The rows to price; where the last job priced all rows up to somewhere, only later ones are looked at."""
    mark = changes.mark_of(job.run, "features")
    before = changes.goes_on(job.continues, mark)
    rows, is_later = changes.later_rows(job.read("features"), before), before is not None
    are_new = before is not None and changes.are_new(before, mark) and _is_last(job.run, before)
    if not are_new:
        rows = scoring.unpriced_rows(rows, finished_predictions(job.run), version, are_few=is_later)
        # Rows out of a join: they are counted, their parts are looked up, and they are priced.
        rows = materialized(rows) if is_later else rows
    count = rows.count()
    return Unpriced(rows, mark, count, is_later and count <= _HELD_KEYS, are_new)


def _is_last(run: Run, report: StageReport) -> bool:
    """Whether no scoring run came after one, not even one that was killed before its record."""
    return run.warehouse.version(SCORING_RUNS.name) == report.tables[SCORING_RUNS.name]


def valued_rows(run: Run, parted: DataFrame) -> DataFrame:
    """Rows to price, with their part, as if they were sold on the run's valuation date.

    A later date knows more sales, an earlier one fewer: that of the row's neighbours and of the market's level.
    """
    if run.valued_on is None:
        return parted
    when = F.lit(run.valued_on).cast(parted.schema["event_time"].dataType)
    return parted.withColumn("event_time", when)


def native_trees(run: Run, model: RegisteredModel) -> Sequence[scoring.NativeEnsemble] | None:
    """The trees that batch scoring walks instead of the pipeline's; ``None`` by setting, or where a model has no trees.

    Raises:
        InputRefusedError: A model with trees was registered without their native form.
    """
    if run.settings.scoring.engine == "spark" or not judging.has_trees(model):
        return None
    native = scoring.load_native(model.folder)
    if native is None:
        raise InputRefusedError(
            "E-MODEL-003", f"{model.name} version {model.version}: registered without native trees; train it again, or "
            "score with --set scoring.engine=spark"
        )  # fmt: skip
    return native


def passport(job: Job, model: RegisteredModel, priced: DataFrame, *, is_native: bool) -> DataFrame:
    """The passport of a scoring run as a row of ``scoring_runs``."""
    content = F.bit_xor(F.xxhash64("row_key", "content_hash"))
    row = priced.agg(F.count(F.lit(1)).alias("rows"), F.hex(content).alias("hash")).collect()[0]
    facts = scoring.Passport(
        scoring_run_id=job.write_identity, model_name=model.name, model_version=model.version,
        artifact_sha256=model.artifact_sha256, mlflow_run_id=model.run_id, input_version=job.versions["features"],
        rows=row["rows"], content_hash=row["hash"], contract_hash=contract_hash(job.run.contract),
        interval_level=judging.ranges_of(model).level, engine="native" if is_native else "spark",
        valued_on=job.run.valued_on, scored_at=datetime.now(UTC),
    )  # fmt: skip
    return job.rows(SCORING_RUNS, [scoring.passport_row(facts, read_provenance())])
