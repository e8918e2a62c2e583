"""The engine ``hist``: trials on a coded matrix, the winner as a model of Spark's own."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.ml.regression import GBTRegressor

from housing_spark.settings import Dimension, Search
from housing_spark.settings.training import Training
from housing_spark.training.estimators import RAW_PREDICTION
from housing_spark.training.fit import Made, price_stage, target_column
from housing_spark.training.hist.attributes import signs_of
from housing_spark.training.hist.bins import MAX_BINS, Bins
from housing_spark.training.hist.blend import mean_loss
from housing_spark.training.hist.cluster import ClusterFit, count_workers
from housing_spark.training.hist.matrix import CodedFold, Coder, coded_rows
from housing_spark.training.hist.rounds import Rounds
from housing_spark.training.hist.target_scale import is_log_better
from housing_spark.training.hist.trees import spark_model
from housing_spark.training.hist.trial import Fitted, TrialWork, left_out_places, scale_of
from housing_spark.training.prepare import Fold, Folds
from housing_spark.training.proposals import Space
from housing_spark.training.trials import TARGET_SCALE, Proposal, Trial

_LOG = logging.getLogger(__name__)
_MEGABYTE = 1 << 20
_RUNG_PAYS = 4


class HistFits:
    """Fits of the candidate ``gbt`` on coded features."""

    def __init__(
        self, folds: Folds, coder: Coder, monotone: Mapping[str, int], training: Training, search: Search
    ) -> None:
        """Say what to fit on; rows are coded when the first trial asks for them."""
        self._folds, self._coder, self._training, self._search = folds, coder, training, search
        self._monotone = monotone
        self._kept: list[Fitted] = []

    @property
    def has_rung(self) -> bool:
        """Where there are so many rows that trials on few of them are cheap."""
        _, coded = self._coded[0]
        return len(coded.training.labels) >= _RUNG_PAYS * self._search.rung_rows

    def narrowed(self, space: Space) -> Space:
        """The space with one scale of the target, where it leaves both to be tried."""
        if TARGET_SCALE not in space or len(space[TARGET_SCALE].choices) == 1:
            return space
        _, coded = self._coder.read(self._folds.whole("index"))
        is_log = is_log_better(coded, self._training.patience, self._options)
        _LOG.info("gbt: trees are fitted on %s", "logarithms of prices" if is_log else "prices as they are")
        return {**space, TARGET_SCALE: Dimension(choices=(is_log,))}

    def run_round(self, proposals: Sequence[Proposal]) -> Iterator[Trial]:
        """The trials of a round as they finish."""
        for trial, trees in self._rounds.run(proposals):
            self._keep(trial, trees)
            yield trial

    def model(self, best: Trial, trials: Sequence[Trial]) -> Made:
        """The best trial's model, or a blend of so many of the best as the setting says."""
        fold = self._folds.whole("index")
        bins, coded = self._coder.read(fold)
        scale = scale_of(coded, best.parameters)
        sharing = _best_of(trials, self._training.blend)
        ensembles = [self._trees(one, fold, bins, coded) for one in sharing]
        weight, loss = 1 / len(sharing), best.loss
        if len(sharing) > 1:
            loss = mean_loss(ensembles, coded.validation, scale, self._search.trimmed_share)
        regressor = GBTRegressor(
            featuresCol=self._coder.vector, labelCol=target_column(best.parameters),
            predictionCol=RAW_PREDICTION, maxDepth=max(one.parameters["max_depth"] for one in sharing),
            stepSize=best.parameters["step_size"], maxBins=MAX_BINS, seed=self._training.seed,
            minInstancesPerNode=best.parameters["min_instances_per_node"],
        )  # fmt: skip
        weighted = [(trees, weight) for trees in ensembles]
        model = spark_model(fold.training.sparkSession, weighted, bins, scale, regressor)
        stages = [*fold.stages.stages, model, price_stage(best.parameters, is_levelled=fold.is_levelled)]
        return Made(PipelineModel(stages), dict.fromkeys((one.number for one in sharing), weight), loss)

    def release(self) -> None:
        """Forget the coded rows."""
        if "_rounds" in self.__dict__:
            self._rounds.release()

    @property
    def _is_holdout(self) -> bool:
        return self._training.validation == "holdout"

    @cached_property
    def _coded(self) -> list[tuple[Bins, CodedFold]]:
        return [self._coder.read(fold) for fold in self._folds.of("index")]

    @cached_property
    def _rounds(self) -> Rounds:
        folds, training = [coded for _, coded in self._coded], self._training
        work = TrialWork(
            folds, training.patience, self._options, self._search.trial_seconds, self._search.rung_rows, self._places,
            self._search.trimmed_share,
        )  # fmt: skip
        return Rounds(work, self._folds.whole("index").training.sparkSession, self._search.mode)

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        return self._coder.places(self._folds.whole("index").training)

    @cached_property
    def _options(self) -> dict[str, Any]:
        """XGBoost's seed, and its constraints by place of the vector."""
        signs = signs_of(self._folds.whole("index").training, self._coder.vector, self._monotone)
        return {"seed": self._training.seed, "monotone_constraints": signs}

    def _keep(self, trial: Trial, trees: bytes) -> None:
        """Keep the trees of the best trials; a blend asks for no others."""
        self._kept.append((trial, trees))
        best = _best_of([one for one, _ in self._kept], self._training.blend)
        self._kept = [one for one in self._kept if one[0] in best]

    def _trees(self, trial: Trial, fold: Fold, bins: Bins, coded: CodedFold) -> bytes:
        """A trial's trees on all training rows; fitted again where another process fitted them, or on a part."""
        if self._is_holdout and coded.training.is_whole:
            for kept, trees in self._kept:
                if kept == trial:
                    return trees
        return self._fit_again(trial, fold, bins, coded)

    def _fit_again(self, best: Trial, fold: Fold, bins: Bins, coded: CodedFold) -> bytes:
        """The trees of a trial on all rows: as many as it had, or until validation ends them where it saw a part."""
        context, rows = fold.training.sparkSession.sparkContext, fold.training.count()
        most = self._training.one_task_mb * _MEGABYTE
        workers = count_workers(context.getConf(), context.defaultParallelism, rows, len(bins.cuts), most)
        options, scale = {**self._options, "nthread": 1}, scale_of(coded, best.parameters)
        if self._is_holdout and coded.training.is_whole:
            fit = ClusterFit(best.parameters, options, scale, best.trees or 1)
        else:
            fit = ClusterFit(best.parameters, options, scale, best.parameters["max_trees"], self._training.patience)
        seen, vector = bins.without(left_out_places(best.parameters, self._places)), self._coder.vector
        training, validation = (coded_rows(part, vector, seen) for part in (fold.training, fold.validation))
        return fit.on(training, validation, workers)


def _best_of(trials: Sequence[Trial], count: int) -> list[Trial]:
    """The best trials on all rows; those of one search have one scale of the target."""
    finished = (one for one in trials if one.is_final and one.is_ok)
    return sorted(finished, key=lambda one: (one.loss, one.number))[:count]
