"""All settings: each section with the meaning, the bounds and the default of every key.

``docs/configuration.md`` is generated from the files of this folder.
"""

from typing import Literal

from pydantic import Field

from housing_spark.settings.base import Section
from housing_spark.settings.evaluation import Evaluation, Gate, Scoring
from housing_spark.settings.explanation import Explanation
from housing_spark.settings.features import Features
from housing_spark.settings.leakage import Leakage
from housing_spark.settings.quality import Quality
from housing_spark.settings.studies import Studies
from housing_spark.settings.training import Search, Split, Training
from housing_spark.settings.upkeep import Upkeep


class Ingest(Section):
    """How input files are recognised and which are let in."""

    identity: Literal["content", "name_size_time"] = Field(
        "content",
        description="What makes a file the same: its bytes, or path, size and time. Both ways each file is read once.",
    )
    allowed_roots: tuple[str, ...] = Field((), description="Folders that inputs must lie in; empty: any.")
    pii_key: str = Field(
        "HOUSING_PII_KEY", description="Name of the environment variable with the key that hashes personal columns."
    )
    max_line_bytes: int = Field(1_048_576, ge=1_024, description="A longer line refuses its file, bytes.")


class Tracking(Section):
    """Where MLflow keeps runs and models."""

    uri: str | None = Field(None, description="MLflow server; empty: SQLite in the warehouse.")


class Logging(Section):
    """How the log looks, on standard error."""

    format: Literal["text", "json"] = Field("text", description="Plain lines, or one JSON object a line.")
    level: Literal["DEBUG", "INFO", "WARNING"] = Field("INFO", description="Least severe level shown.")


class Settings(Section):
    """All settings of a run."""

    warehouse: str = Field("warehouse", description="Folder or URI of the tables.")
    catalog: str | None = Field(None, description="Unity Catalog name in front of the database; empty: none.")
    spark_conf: dict[str, str] = Field(default_factory=dict, description="Spark settings of a local session.")
    ingest: Ingest = Field(default_factory=Ingest)
    quality: Quality = Field(default_factory=Quality)
    features: Features = Field(default_factory=Features)
    split: Split = Field(default_factory=Split)
    leakage: Leakage = Field(default_factory=Leakage)
    training: Training = Field(default_factory=Training)
    search: Search = Field(default_factory=Search)
    evaluation: Evaluation = Field(default_factory=Evaluation)
    studies: Studies = Field(default_factory=Studies)
    scoring: Scoring = Field(default_factory=Scoring)
    explanation: Explanation = Field(default_factory=Explanation)
    gate: Gate = Field(default_factory=Gate)
    upkeep: Upkeep = Field(default_factory=Upkeep)
    tracking: Tracking = Field(default_factory=Tracking)
    logging: Logging = Field(default_factory=Logging)
