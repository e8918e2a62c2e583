"""A fitted tree ensemble as flat arrays, read from the files of Spark's own model."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int32]
_KINDS = ("GBTRegressionModel", "RandomForestRegressionModel")


@dataclass(frozen=True)
class Ensemble:
    """The nodes of all trees, tree after tree, each level by level; arrays of shape (nodes,) but for ``starts``.

    Attributes:
        width: Features of a row.
        starts: Place of each tree's root, and the number of nodes; shape (trees + 1,).
        left: Number of the left child within its tree, the right one comes next; -1 in a leaf.
        features: Feature that a node splits on.
        thresholds: Numbers at or below it go left.
        values: What a leaf adds to the prediction, the tree's weight included.
        rows: Training rows that came by, by weight.
        left_sets: Of nodes that split on a category, the categories that go left.
        categories: Number of categories of each categorical feature.
    """

    width: int
    starts: NDArray[np.int64]
    left: Places
    features: Places
    thresholds: Numbers
    values: Numbers
    rows: Numbers
    left_sets: Mapping[int, NDArray[np.intp]]
    categories: Mapping[int, int]

    def trees(self) -> Iterator[slice]:
        """The nodes of each tree."""
        return (slice(int(first), int(end)) for first, end in zip(self.starts[:-1], self.starts[1:], strict=True))


def read_ensemble(pipeline: Path) -> Ensemble | None:
    """The first ensemble among the stages of a saved pipeline, which makes the price; ``None``: there is none."""
    return next(read_ensembles(pipeline), None)


def read_ensembles(pipeline: Path) -> Iterator[Ensemble]:
    """The ensembles among the stages of a saved pipeline in order, boosted trees or forests.

    Args:
        pipeline: Local folder of a saved ``PipelineModel``.
    """
    for stage in sorted((pipeline / "stages").iterdir()):
        described = _metadata(stage)
        kind = described["class"].rsplit(".", 1)[-1]
        if kind in _KINDS:
            yield _ensemble(stage, int(described["numFeatures"]), is_mean=kind.startswith("RandomForest"))


def _metadata(stage: Path) -> dict[str, Any]:
    text = "".join(part.read_text(encoding="utf-8") for part in sorted((stage / "metadata").glob("part-*")))
    described: dict[str, Any] = json.loads(text)
    return described


def _ensemble(stage: Path, width: int, *, is_mean: bool) -> Ensemble:
    nodes = pq.read_table(stage / "data").combine_chunks()
    tree, node = nodes["treeID"].to_numpy(), nodes["nodeData"].chunk(0)
    by_number = np.lexsort((node.field("id").to_numpy(), tree))
    starts = np.searchsorted(tree[by_number], np.arange(tree.max() + 2))
    left, right = (node.field(name).to_numpy()[by_number] for name in ("leftChild", "rightChild"))
    levels, left = _by_levels(left, right, starts)
    order = by_number[levels]
    split = node.field("split")
    features, sizes = (split.field(name).to_numpy()[order] for name in ("featureIndex", "numCategories"))
    sent_left = pc.array_take(split.field("leftCategoriesOrThreshold"), pa.array(order))
    ends, flat = sent_left.offsets.to_numpy(), sent_left.values.to_numpy()
    thresholds = np.full(len(order), np.nan)
    is_numeric, categorical = (left >= 0) & (sizes < 0), np.flatnonzero(sizes > 0)
    thresholds[is_numeric] = flat[ends[:-1][is_numeric]]
    weights = _weights(stage) / (len(starts) - 1 if is_mean else 1)
    return Ensemble(
        width, starts, left, features, thresholds,
        node.field("prediction").to_numpy()[order] * np.repeat(weights, np.diff(starts)),
        pc.list_element(node.field("impurityStats"), 0).to_numpy()[order],
        {int(place): flat[ends[place]:ends[place + 1]].astype(np.intp) for place in categorical},
        {int(features[place]): int(sizes[place]) for place in categorical},
    )  # fmt: skip


def _by_levels(left: Places, right: Places, starts: NDArray[np.int64]) -> tuple[NDArray[np.intp], Places]:
    """The order of nodes that puts siblings side by side, and the new numbers of left children."""
    tree = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    level, levels = starts[:-1], []
    while len(level):
        levels.append(level)
        inner = level[left[level] >= 0]
        first = starts[tree[inner]]
        level = np.stack([first + left[inner], first + right[inner]], axis=1).ravel()
    order = np.concatenate(levels)
    order = order[np.argsort(tree[order], kind="stable")]
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order)) - starts[tree]
    children = np.where(left >= 0, number[np.maximum(starts[tree] + left, 0)], -1)
    return order, children[order].astype(np.int32)


def _weights(stage: Path) -> Numbers:
    """The weight of each tree; Spark's own files number the columns (tree, parameters, weight), or name them."""
    described = pq.read_table(stage / "treesMetadata")
    weights: Numbers = described.column(2).to_numpy()[np.argsort(described.column(0).to_numpy())]
    return weights
