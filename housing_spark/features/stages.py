"""The learned stages between the features table and an estimator, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pyspark.ml import Estimator, Transformer
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
from housing_spark.errors import ConfigurationError
from housing_spark.features.describe import feature_names
from housing_spark.features.neighbours import NeighbourPrices
from housing_spark.features.place import Place, place_of
from housing_spark.features.transformers import CategoryIndexer, NumericConditioner, sql_stage
from housing_spark.settings.features import Features

Encoding = Literal["index", "one_hot"]
VECTOR = "features_vector"


@dataclass(frozen=True)
class FeaturePipeline:
    """The stages for one encoding: ``index`` for trees, ``one_hot`` with scaling for linear models."""

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    encoding: Encoding
    settings: Features
    place: Place | None = None

    def fit(self, training: DataFrame) -> PipelineModel:
        """The stages, fitted on training rows; the model adds the vector column ``features_vector``."""
        fitted: list[Transformer] = []
        frame = training
        vector_inputs: list[str] = []
        if self.numeric:
            frame, numbers = self._fit_numbers(frame, fitted)
            vector_inputs += numbers
        if self.categorical:
            frame, categories = self._fit_categories(frame, fitted)
            vector_inputs += categories
        self._fit_vector(frame, vector_inputs, fitted)
        return PipelineModel(fitted)

    def _fit_numbers(self, frame: DataFrame, fitted: list[Transformer]) -> tuple[DataFrame, list[str]]:
        settings = self.settings
        conditioner = NumericConditioner(
            self.numeric,
            outliers=settings.outliers,
            factor=settings.outlier_factor,
            indicators=settings.missing_indicators,
        )
        frame = _apply(conditioner, frame, fitted)
        terms = _terms(settings.polynomial, settings.ratios, self.numeric)
        if self.place:
            terms += self.place.terms(settings.rotations)
        if terms:
            frame = _apply(sql_stage(terms), frame, fitted)
        outputs = [*conditioner.outputs, *(name for name, _ in terms)]
        if self.place and settings.neighbours.enabled:
            features = [name for name in self.numeric if name not in self.place.columns]
            model = NeighbourPrices(self.place, features, settings.neighbours).fit_if_many(frame)
            if model:
                frame = _apply(model, frame, fitted)
                outputs += model.outputs
        if self.encoding == "index":
            return frame, outputs
        frame = _apply(VectorAssembler(inputCols=outputs, outputCol="numbers"), frame, fitted)
        scaler = StandardScaler(inputCol="numbers", outputCol="scaled", withMean=True, withStd=True)
        return _apply(scaler, frame, fitted), ["scaled"]

    def _fit_categories(self, frame: DataFrame, fitted: list[Transformer]) -> tuple[DataFrame, list[str]]:
        indexer = CategoryIndexer(
            self.categorical,
            min_rows=self.settings.rare_category_rows,
            max_categories=self.settings.max_categories,
        )
        frame = _apply(indexer, frame, fitted)
        if self.encoding == "index":
            return frame, list(indexer.outputs)
        encoded = [f"{name}__one_hot" for name in self.categorical]
        encoder = OneHotEncoder(inputCols=list(indexer.outputs), outputCols=encoded, dropLast=True)
        return _apply(encoder, frame, fitted), encoded

    def _fit_vector(self, frame: DataFrame, inputs: Sequence[str], fitted: list[Transformer]) -> None:
        is_selected = self.settings.selection != "none"
        assembled = "all_features" if is_selected else VECTOR
        frame = _apply(VectorAssembler(inputCols=list(inputs), outputCol=assembled), frame, fitted)
        if self.settings.selection == "variance":
            _apply(VarianceThresholdSelector(featuresCol=assembled, outputCol=VECTOR), frame, fitted)
        if self.settings.selection == "univariate":
            selector = UnivariateFeatureSelector(
                featuresCol=assembled, outputCol=VECTOR, labelCol="label", selectionMode="percentile"
            )
            selector.setFeatureType("continuous").setLabelType("continuous")
            _apply(selector.setSelectionThreshold(self.settings.selection_keep), frame, fitted)


def feature_pipeline(
    numeric: Sequence[str],
    categorical: Sequence[str],
    encoding: Encoding,
    settings: Features,
    place: Place | None = None,
) -> FeaturePipeline:
    """The stages for these features.

    Args:
        numeric: Numeric columns of the features table.
        categorical: Categorical columns.
        encoding: ``index`` keeps categories as nominal indexes, ``one_hot`` gives scaled numbers and 0/1 columns.
        settings: Which stages, and how.
        place: Where homes are; ``None``: it is not known.

    Raises:
        ConfigurationError: A polynomial, a ratio or what makes homes alike names no numeric feature.
    """
    _terms(settings.polynomial, settings.ratios, numeric)
    for name in settings.neighbours.alike:
        if name not in numeric:
            raise ConfigurationError(
                "E-CFG-016", f"features.neighbours.alike: '{name}' is no numeric feature; known: {', '.join(numeric)}"
            )
    return FeaturePipeline(tuple(numeric), tuple(categorical), encoding, settings, place)


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

    def fit(training: DataFrame, encoding: Encoding) -> PipelineModel:
        return feature_pipeline(numeric, categorical, encoding, settings, place_of(contract)).fit(training)

    return fit


def _apply(stage: Estimator[Any] | Transformer, frame: DataFrame, fitted: list[Transformer]) -> DataFrame:
    transformer = stage.fit(frame) if isinstance(stage, Estimator) else stage
    fitted += transformer.stages if isinstance(transformer, PipelineModel) else [transformer]
    return transformer.transform(frame)


def _terms(polynomial: Sequence[str], ratios: Sequence[str], numeric: Sequence[str]) -> list[tuple[str, str]]:
    """Squares and products of the polynomial's names, and the ratios, over filled and clipped values."""
    pairs = [tuple(ratio.split("/")) for ratio in ratios]
    for name in (*polynomial, *(part for pair in pairs for part in pair)):
        if name not in numeric or any(len(pair) != 2 for pair in pairs):
            raise ConfigurationError(
                "E-CFG-016",
                f"features.polynomial or ratios: '{name}' is no numeric feature; known: {', '.join(numeric)}",
            )
    products = [
        (f"{a}__times__{b}", f"`{a}__value` * `{b}__value`") for i, a in enumerate(polynomial) for b in polynomial[i:]
    ]
    quotients = [(f"{a}__per__{b}", f"COALESCE(TRY_DIVIDE(`{a}__value`, `{b}__value`), 0D)") for a, b in pairs]
    return products + quotients
