"""The ``shap`` package on trees in a file, run by an environment of its own: python shap_peer.py TREES ANSWER."""

import sys
from time import process_time

import numpy as np
from shap import TreeExplainer


def main() -> None:
    """Explain the rows in TREES once to warm up and once on the clock; contributions, base and seconds go to ANSWER."""
    given = np.load(sys.argv[1])
    ends = np.cumsum(given["sizes"])[:-1]
    names = ("left", "features", "thresholds", "values", "covers")
    parts = (np.split(given[name], ends) for name in names)
    explainer = TreeExplainer(
        {"trees": [_tree(*part) for part in zip(*parts, strict=True)]}, feature_perturbation="tree_path_dependent"
    )
    explainer.shap_values(given["rows"][:10], check_additivity=False)
    started = process_time()
    found = explainer.shap_values(given["rows"], check_additivity=False)
    np.savez(sys.argv[2], found=found, base=explainer.expected_value, seconds=process_time() - started)


def _tree(
    left: np.ndarray, features: np.ndarray, thresholds: np.ndarray, values: np.ndarray, covers: np.ndarray
) -> dict:
    right = np.where(left >= 0, left + 1, -1)
    # The base price is a tree of one leaf, in which no row is counted; shap refuses it so.
    return {
        "children_left": left, "children_right": right, "children_default": right, "features": features,
        "thresholds": thresholds, "values": np.where(left < 0, values, 0.0)[:, None],
        "node_sample_weight": np.maximum(covers, 1),
    }  # fmt: skip


if __name__ == "__main__":
    main()
