"""A Spark ensemble as an XGBoost booster over codes, and its predictions without Spark.

A number is coded by how many of the ensemble's own thresholds lie below it, so that a booster's comparison of codes, in
single precision, decides as Spark does in double precision. Leaves are single precision, around a mean kept in double;
the sums of few trees each are added in double.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_spark.boosting import xgb
from housing_spark.scoring.native.ensemble import Ensemble, Numbers

_NO_PARENT = 2**31 - 1
# XGBoost adds leaves in single precision, which loses a little with each tree; sums of so many are added in double.
_TREES_A_SUM = 32
# What this process read last: a Python worker has many tasks, and a thousand trees take a second to read. A model has
# two ensembles.
_LOADED: dict[str, "Predictor"] = {}
_MOST_LOADED = 2


@dataclass(frozen=True)
class NativeEnsemble:
    """What is needed to predict without Spark.

    Attributes:
        booster: XGBoost's own binary form (UBJSON).
        cuts: The thresholds of each feature, ascending; ``None`` for a categorical feature, which is its own code.
        centre: What all predictions have in common.
        digest: Names these trees.
    """

    booster: bytes
    cuts: tuple[Numbers | None, ...]
    centre: float
    digest: str

    @classmethod
    def of(cls, ensemble: Ensemble) -> "NativeEnsemble":
        """The same trees; predictions differ by the rounding of single precision."""
        numeric = ~np.isnan(ensemble.thresholds)
        cuts = tuple(
            None if feature in ensemble.categories
            else np.unique(ensemble.thresholds[numeric & (ensemble.features == feature)])
            for feature in range(ensemble.width)
        )  # fmt: skip
        means = np.array([_mean_leaf(ensemble, tree) for tree in ensemble.trees()])
        document = _document(ensemble, _conditions(ensemble, cuts, means))
        booster = xgb.Booster(model_file=bytearray(json.dumps(document), "utf-8"))
        return cls._named(bytes(booster.save_raw("ubj")), cuts, float(means.sum()))

    @classmethod
    def _named(cls, booster: bytes, cuts: tuple[Numbers | None, ...], centre: float) -> "NativeEnsemble":
        facts = [booster, *(cut.tobytes() for cut in cuts if cut is not None), np.float64(centre).tobytes()]
        return cls(booster, cuts, centre, hashlib.sha256(b"".join(facts)).hexdigest())

    def to_bytes(self) -> bytes:
        """One file; ``from_bytes`` reads it."""
        arrays: dict[str, Any] = {f"cuts_{place}": cuts for place, cuts in enumerate(self.cuts) if cuts is not None}
        file = io.BytesIO()
        facts = np.array([self.centre, len(self.cuts)])
        np.savez_compressed(file, booster=np.frombuffer(self.booster, np.uint8), facts=facts, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "NativeEnsemble":
        """What ``to_bytes`` wrote."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            centre, width = arrays["facts"]
            names = [f"cuts_{place}" for place in range(int(width))]
            cuts = tuple(arrays.get(name) for name in names)
            return cls._named(arrays["booster"].tobytes(), cuts, float(centre))

    def predictor(self) -> "Predictor":
        """Ready to predict, in this process, on one thread: the other cores have tasks of their own."""
        if self.digest not in _LOADED:
            while len(_LOADED) >= _MOST_LOADED:
                del _LOADED[next(iter(_LOADED))]
            booster = xgb.Booster({"nthread": 1}, model_file=bytearray(self.booster))
            _LOADED[self.digest] = Predictor(booster, self.cuts, self.centre)
        return _LOADED[self.digest]


@dataclass(frozen=True)
class Predictor:
    """A booster in memory."""

    booster: xgb.Booster
    cuts: tuple[Numbers | None, ...]
    centre: float

    def predict(self, columns: Sequence[Numbers]) -> Numbers:
        """Predictions, shape (rows,), of the values of each feature, shape (rows,) too."""
        most = max((len(cuts) for cuts in self.cuts if cuts is not None), default=0)
        shape = (len(columns[0]), len(columns))
        codes = np.zeros(shape, np.uint8 if most < 256 else np.uint16 if most < 65_536 else np.int32)
        for feature, (cuts, column) in enumerate(zip(self.cuts, columns, strict=True)):
            if cuts is None:
                codes[:, feature] = column
            elif len(cuts):
                codes[:, feature] = np.searchsorted(cuts, column)
        trees = self.booster.num_boosted_rounds()
        parts = ((first, min(first + _TREES_A_SUM, trees)) for first in range(0, trees, _TREES_A_SUM))
        return sum(
            (self.booster.inplace_predict(codes, iteration_range=part) for part in parts),
            np.full(len(codes), self.centre),
        )


def _mean_leaf(ensemble: Ensemble, tree: slice) -> float:
    """What a training row gets from a tree on average: taken out, sums stay small and so does their rounding."""
    rows = np.where(ensemble.left[tree] < 0, ensemble.rows[tree], 0.0)
    return float(np.average(ensemble.values[tree], weights=rows)) if rows.any() else float(ensemble.values[tree][0])


def _conditions(ensemble: Ensemble, cuts: tuple[Numbers | None, ...], means: Numbers) -> Numbers:
    """A node's code to compare with, or a leaf's value."""
    conditions = ensemble.values - np.repeat(means, np.diff(ensemble.starts))
    inner = ensemble.left >= 0
    for feature, points in enumerate(cuts):
        here = inner & (ensemble.features == feature)
        conditions[here] = 0 if points is None else np.searchsorted(points, ensemble.thresholds[here]) + 1
    return conditions


def _document(ensemble: Ensemble, conditions: Numbers) -> dict[str, Any]:
    """The booster in XGBoost's documented JSON."""
    width, count = str(ensemble.width), len(ensemble.starts) - 1
    trees = [_tree(ensemble, conditions, number, tree) for number, tree in enumerate(ensemble.trees())]
    model = {
        "cats": {"enc": [], "feature_segments": [], "sorted_idx": []},
        "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": str(count)},
        "iteration_indptr": list(range(count + 1)), "tree_info": [0] * count, "trees": trees,
    }  # fmt: skip
    types = ["c" if feature in ensemble.categories else "int" for feature in range(ensemble.width)]
    parameters = {"base_score": "[0E0]", "boost_from_average": "0", "num_class": "0", "num_feature": width,
                  "num_target": "1"}  # fmt: skip
    objective = {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}}
    learner = {
        "attributes": {}, "feature_names": [], "feature_types": types, "objective": objective,
        "gradient_booster": {"model": model, "name": "gbtree"}, "learner_model_param": parameters,
    }  # fmt: skip
    return {"learner": learner, "version": [3, 2, 0]}


def _tree(ensemble: Ensemble, conditions: Numbers, number: int, tree: slice) -> dict[str, Any]:
    left = ensemble.left[tree]
    size, inner = len(left), np.flatnonzero(left >= 0)
    parents = np.full(size, _NO_PARENT)
    parents[left[inner]] = parents[left[inner] + 1] = inner
    values, zeros = conditions[tree], [0] * size
    categorical = [int(place) for place in inner if tree.start + place in ensemble.left_sets]
    sets = [_sent_right(ensemble, tree.start + place) for place in categorical]
    sizes = [len(one) for one in sets]
    kinds = np.isin(np.arange(size), categorical).astype(int)
    return {
        "id": number, "base_weights": ensemble.values[tree].tolist(), "default_left": zeros,
        "left_children": left.tolist(), "right_children": np.where(left < 0, -1, left + 1).tolist(),
        "parents": parents.tolist(), "loss_changes": [0.0] * size, "sum_hessian": ensemble.rows[tree].tolist(),
        "split_conditions": values.tolist(), "split_indices": np.maximum(ensemble.features[tree], 0).tolist(),
        "split_type": kinds.tolist(), "categories": np.concatenate([*sets, np.empty(0, int)]).astype(int).tolist(),
        "categories_nodes": categorical, "categories_sizes": sizes,
        "categories_segments": np.cumsum([0, *sizes])[:-1].astype(int).tolist(),
        "tree_param": {"num_deleted": "0", "num_feature": str(ensemble.width), "num_nodes": str(size),
                       "size_leaf_vector": "1"},
    }  # fmt: skip


def _sent_right(ensemble: Ensemble, node: int) -> NDArray[np.intp]:
    """XGBoost lists the categories that go right."""
    every = np.arange(ensemble.categories[int(ensemble.features[node])])
    return np.setdiff1d(every, ensemble.left_sets[node])
