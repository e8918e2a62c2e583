"""The contract in the README runs on a table of that shape, as a reader would run it."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from housing_spark.contract import load_contract
from tests.conftest import run_stages

ROOT = Path(__file__).parent.parent.parent


def sales(rows: int) -> str:
    draw = random.Random(1)
    lines = ["north;east;rooms;Year Built;area;price;sold;parcel"]
    for parcel in range(rows):
        north, east, area = draw.uniform(0, 1000), draw.uniform(0, 1000), draw.uniform(40, 200)
        price = 1500 * area * (3 if (north > 500) != (east > 500) else 1) * draw.lognormvariate(0, 0.05)
        sold = f"{draw.randint(1, 28)}.{draw.randint(1, 12)}.{draw.randint(2015, 2019)}"
        built = draw.choice(["?", "1950", "1999"])
        shown = "" if parcel % 50 == 0 else f"{price:.0f}"
        lines.append(f"{north:.1f};{east:.1f};{int(area // 25)};{built};{area:.1f};{shown};{sold};{parcel // 2}")
    return "\n".join([*lines, "1;1;9;1950;20;5000;1.1.2019;9000", "1;1;1;1950;20;5000;31.2.2019;9001", ""])


def test_the_contract_in_the_readme_runs(tmp_path: Path, make_run: Callable[..., Any]) -> None:
    block = re.search(r"test_readme.py -->\n```yaml\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    assert block is not None
    (tmp_path / "my_town.yaml").write_text(block.group(1))
    (tmp_path / "sales.csv").write_text(sales(900))
    contract = load_contract(str(tmp_path / "my_town.yaml"))
    run = make_run(
        contract, tmp_path / "sales.csv", "gate.max_segment_ratio=9", "gate.min_coverage=0.5", "gate.max_cod=40"
    )
    reports = run_stages(run)
    refused = run.warehouse.read("quarantine").collect()
    codes = sorted({reason["rule"] or reason["code"] for row in refused for reason in row["reasons"]} - {"superseded"})
    assert codes == ["E-ING-124", "rooms_fit_area"]
    assert reports["score"].rows_out == run.warehouse.read("clean").count()
    priced = run.warehouse.read("predictions")
    assert {"parcel", "sold"} <= set(priced.columns)
    parts = priced.join(run.warehouse.read("clean").select("row_key", "price"), on="row_key", how="inner")
    assert parts.where("price is null and split is not null").isEmpty()
