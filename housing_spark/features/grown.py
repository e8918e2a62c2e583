"""Training rows as they go through the stages, and what each family of features may know of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.ml import Estimator, Transformer
from pyspark.ml.pipeline import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from housing_spark.features.place import Place
from housing_spark.settings.features import Features

LEVEL = "price_level"  # what a price is divided by before anything is learned from it


@dataclass(frozen=True)
class Inputs:
    """What a dataset has.

    Attributes:
        numeric: Numeric columns of the features table.
        categorical: Categorical columns.
        place: Where homes are; ``None``: it is not known.
        is_timed: Whether sales have an ``event_time``.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...] = ()
    place: Place | None = None
    is_timed: bool = False


@dataclass
class Grown:
    """Training rows with what the stages so far have added.

    Attributes:
        frame: The rows.
        inputs: What the dataset has.
        settings: Which stages, and how.
        stages: The fitted stages, in order.
        numbers: Numeric columns that go into the vector.
        categories: Indexes of categories, where there are any.
    """

    frame: DataFrame
    inputs: Inputs
    settings: Features
    stages: list[Transformer] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)

    def add(self, stage: Estimator[Any] | Transformer, numbers: Sequence[str] = ()) -> Transformer:
        """Let the rows go through a stage, fitted on them where it learns; ``numbers`` of what it adds are features."""
        transformer = stage.fit(self.frame) if isinstance(stage, Estimator) else stage
        self.stages += transformer.stages if isinstance(transformer, PipelineModel) else [transformer]
        self.frame = transformer.transform(self.frame)
        self.numbers += numbers
        return transformer

    @property
    def priced(self) -> DataFrame:
        """The rows with their prices brought to one level, where the market's is known."""
        if LEVEL not in self.frame.columns:
            return self.frame
        return self.frame.withColumn("label", F.col("label") / F.col(LEVEL))
