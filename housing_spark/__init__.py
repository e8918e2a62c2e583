"""House prices on a Spark cluster, from raw rows to versioned predictions."""

__version__ = "0.1.0"
