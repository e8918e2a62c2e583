"""The learned stages between the features table and an estimator, in order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pyspark.ml.feature import (
    OneHotEncoder,
    StandardScaler,
    UnivariateFeatureSelector,
    VarianceThresholdSelector,
    VectorAssembler,
)
from pyspark.ml.pipeline import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import types as T

from housing_spark.contract import Contract
from housing_spark.features.describe import feature_names
from housing_spark.features.families import grow_families
from housing_spark.features.grown import Grown, Inputs
from housing_spark.features.nearby import check_alike
from housing_spark.features.place import place_of
from housing_spark.features.ratios import terms_of
from housing_spark.features.transformers import CategoryIndexer, NumericConditioner
from housing_spark.settings.features import Features

Encoding = Literal["index", "one_hot"]
VECTOR = "features_vector"


@dataclass(frozen=True)
class FeaturePipeline:
    """The stages for one encoding: ``index`` for trees, ``one_hot`` with scaling for linear models."""

    inputs: Inputs
    encoding: Encoding
    settings: Features

    def fit(self, training: DataFrame) -> PipelineModel:
        """The stages, fitted on training rows; the model adds the vector column ``features_vector``.

        Where it adds ``price_level`` too, its numbers tell of prices divided by that.
        """
        grown = Grown(training, self.inputs, self.settings)
        if self.inputs.numeric:
            _condition(grown)
        if self.inputs.categorical:
            _index(grown)
        grow_families(grown)
        vector = self._encoded(grown)
        _assemble(grown, vector)
        return PipelineModel(grown.stages)

    def _encoded(self, grown: Grown) -> list[str]:
        """The columns of the vector."""
        if self.encoding == "index":
            return [*grown.numbers, *grown.categories]
        inputs: list[str] = []
        if grown.numbers:
            grown.add(VectorAssembler(inputCols=grown.numbers, outputCol="numbers"))
            grown.add(StandardScaler(inputCol="numbers", outputCol="scaled", withMean=True, withStd=True))
            inputs.append("scaled")
        if grown.categories:
            encoded = [f"{name}__one_hot" for name in self.inputs.categorical]
            grown.add(OneHotEncoder(inputCols=grown.categories, outputCols=encoded, dropLast=True))
            inputs += encoded
        return inputs


def _condition(grown: Grown) -> None:
    settings = grown.settings
    conditioner = NumericConditioner(
        grown.inputs.numeric, outliers=settings.outliers, factor=settings.outlier_factor,
        indicators=settings.families.missing_indicators, flags=settings.families.outlier_flags,
    )  # fmt: skip
    grown.add(conditioner)
    grown.numbers += conditioner.outputs


def _index(grown: Grown) -> None:
    settings, names = grown.settings, grown.inputs.categorical
    indexer = CategoryIndexer(names, min_rows=settings.rare_category_rows, max_categories=settings.max_categories)
    grown.add(indexer)
    grown.categories += indexer.outputs


def _assemble(grown: Grown, inputs: list[str]) -> None:
    """The vector, of all columns or of those that are selected."""
    settings = grown.settings
    assembled = VECTOR if settings.selection == "none" else "all_features"
    grown.add(VectorAssembler(inputCols=inputs, outputCol=assembled))
    if settings.selection == "variance":
        grown.add(VarianceThresholdSelector(featuresCol=assembled, outputCol=VECTOR))
    if settings.selection == "univariate":
        selector = UnivariateFeatureSelector(
            featuresCol=assembled, outputCol=VECTOR, labelCol="label", selectionMode="percentile"
        )
        selector.setFeatureType("continuous").setLabelType("continuous")
        grown.add(selector.setSelectionThreshold(settings.selection_keep))


def feature_pipeline(inputs: Inputs, encoding: Encoding, settings: Features) -> FeaturePipeline:
    """The stages for these features.

    Args:
        inputs: What the dataset has.
        encoding: ``index`` keeps categories as nominal indexes, ``one_hot`` gives scaled numbers and 0/1 columns.
        settings: Which stages, and how.

    Raises:
        ConfigurationError: A polynomial, a ratio or what makes homes alike names no numeric feature.
    """
    terms_of(settings, inputs.numeric)
    check_alike(settings.neighbours, inputs.numeric)
    return FeaturePipeline(inputs, encoding, settings)


def stage_fitter(
    contract: Contract, described: T.StructType, settings: Features
) -> Callable[[DataFrame, Encoding], PipelineModel]:
    """What fits the stages of a dataset, given training rows and an encoding.

    Args:
        contract: Place, time and derived features.
        described: Schema of the features table.
        settings: Which stages, and how.
    """
    numeric, categorical = feature_names(contract, described)
    inputs = Inputs(numeric, categorical, place_of(contract), contract.event_time is not None)

    def fit(training: DataFrame, encoding: Encoding) -> PipelineModel:
        return feature_pipeline(inputs, encoding, settings).fit(training)

    return fit
