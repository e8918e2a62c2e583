"""Where an input lies, as Arrow finds it and as Spark opens it."""

from pathlib import Path

import pytest

from housing_spark.contract import load_contract
from housing_spark.settings.sections import Ingest
from housing_spark.sources import list_input
from housing_spark.sources.files import _open, address


@pytest.mark.parametrize(
    ("location", "root", "expected"),
    [
        ("s3a://bucket/sales/2024/", "bucket/sales/2024/", "s3a://bucket/sales/2024/a.csv"),
        ("gs://bucket/sales", "bucket/sales", "gs://bucket/sales/a.csv"),
        ("abfss://box@me.dfs.core.windows.net/sales", "box/sales", "abfss://box@me.dfs.core.windows.net/sales/a.csv"),
        ("hdfs://name:8020/sales", "/sales", "hdfs://name:8020/sales/a.csv"),
        ("file:///data/sales", "/data/sales", "file:///data/sales/a.csv"),
        ("/data/sales", "/data/sales", "/data/sales/a.csv"),
    ],
)
def test_a_file_keeps_the_host_of_its_folder(location: str, root: str, expected: str) -> None:
    assert address(location, root, f"{root.rstrip('/')}/a.csv") == expected


def test_arrow_names_an_azure_folder_without_its_account() -> None:
    _, root = _open("abfss://box@me.dfs.core.windows.net/sales")  # read, not asked
    assert root == "box/sales"


def test_a_single_file_is_its_own_address(tmp_path: Path) -> None:
    file = tmp_path / "market.csv"
    contract = load_contract("market")
    file.write_text(f"{','.join(contract.columns)}\n{','.join('1' for _ in contract.columns)}\n")
    found = list_input(f"file://{file}", contract, Ingest(), is_label_optional=False)
    assert [one.path for one in found] == [f"file://{file}"]
