"""A model of given parameters, on rows of one's own: nothing is searched."""

from dataclasses import replace

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from housing_spark.errors import HousingSparkError
from housing_spark.session import cached
from housing_spark.training.hist import Coder
from housing_spark.training.prepare import Folds, laid_out
from housing_spark.training.search import MEGABYTE, SearchPlan, fits_of
from housing_spark.training.trials import Proposal, Trial


def refit(rows: DataFrame, plan: SearchPlan, trial: Trial) -> PipelineModel:
    """The model of a trial's parameters: stages and estimator learn from training rows, validation rows end its trees.

    Args:
        rows: Labelled rows with ``split``; others than training and validation rows are not read.
        plan: Stages and estimators; its budgets and a blend do not count.
        trial: Its estimator and parameters.

    Raises:
        HousingSparkError: The fit failed.
    """
    alone = replace(plan, training=plan.training.model_copy(update={"blend": 1, "validation": "holdout"}))
    with cached(laid_out(plan.ordinary(rows), alone.training.partitions)) as arranged:
        folds = Folds(arranged, alone.fit_stages, alone.vector, alone.weight, alone.training)
        coder = Coder(alone.vector, alone.search.max_matrix_mb * MEGABYTE, alone.family_of)
        fits = fits_of(trial.estimator, folds, coder, alone)
        try:
            proposal = Proposal(trial.estimator, trial.number, trial.parameters, trial.point)
            [again] = fits.run_round([proposal])
            if not again.is_ok:
                raise HousingSparkError(
                    "E-STUDY-001", f"{trial.estimator} with {trial.parameters}: {again.error}; train the model again"
                )
            return fits.model(again, [again]).model
        finally:
            fits.release()
            folds.release()
