"""Write docs/configuration.md and docs/tables.md from the code, or check that they are current (--check)."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from pyspark.sql import types as T

from housing_spark.contract import load_contract
from housing_spark.contract.functions import FUNCTIONS
from housing_spark.schemas import Table, explanations, models, quality, sales, studies
from housing_spark.settings import Settings
from housing_spark.settings.training import Dimension
from housing_spark.yaml_files import read_conf

DOCS = Path(__file__).parent.parent / "docs"
SHIPPED = {name: read_conf(name) for name in ("base.yaml", "local.yaml")}


def configuration() -> str:
    """The reference of every setting."""
    lines = [
        "# Settings",
        "",
        "Written by `scripts/docs.py` from the settings model. Values come, later over earlier, from `conf/base.yaml`,",
        "`conf/<env>.yaml`, the environment (`HOUSING_SECTION__KEY`) and `--set section.key=value`.",
        "`housing config` prints what is in force.",
        "",
        "| key | default | meaning |",
        "|---|---|---|",
        *_settings(Settings, ""),
        "",
        "A dimension of `search.spaces.<estimator>.<parameter>`:",
        "",
        "| key | default | meaning |",
        "|---|---|---|",
        *_settings(Dimension, ""),
    ]
    return "\n".join(lines) + "\n"


def _settings(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from _settings(section, f"{prefix}{name}.")
            continue
        default = field.get_default(call_default_factory=True)
        plain = "none" if default in (None, "", (), {}, PydanticUndefined) else _shown(default)
        shown = _shipped(f"{prefix}{name}") or plain
        choices = [str(value) for value in get_args(section) if isinstance(value, str)]
        meaning = f"{field.description} One of: {', '.join(choices)}." if choices else field.description
        yield f"| `{prefix}{name}` | {shown} | {meaning} |"


def _shipped(key: str) -> str | None:
    """The file that comes with the package and sets a key, if one does."""
    for file, content in SHIPPED.items():
        found: Any = content
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, dict | list):
            return f"as in `conf/{file}`"
    return None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()  # as YAML spells it
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def tables() -> str:
    """The dictionary of every table, for the shipped contract of Ames."""
    contract = load_contract("ames")
    derived: dict[str, T.DataType] = dict.fromkeys(contract.features.derived, T.DoubleType())
    shown = [
        sales.raw_table(contract), sales.clean_table(contract), sales.QUARANTINE,
        sales.features_table(contract, derived), models.predictions_table(contract), models.SCORING_RUNS,
        explanations.explanations_table(contract),
        models.TRIALS, models.MODEL_METRICS, studies.MODEL_STUDIES, models.PROMOTION_DECISIONS,
        quality.QUALITY_RESULTS, models.JOB_RUNS,
    ]  # fmt: skip
    own = set(contract.columns)
    lines = [
        "# Tables",
        "",
        "Written by `scripts/docs.py` from the schemas. Delta tables at `<warehouse>/<dataset>/<table>`; the comments",
        "are in the tables too. `raw`, `clean` and `features` also have the columns of the dataset's contract,",
        "left out here.",
    ]
    for table in shown:
        lines += ["", *_table(table, own if table.name in ("raw", "clean", "features") else set())]
    return "\n".join(lines) + "\n"


def _table(table: Table, left_out: set[str]) -> Iterator[str]:
    yield f"## `{table.name}`"
    yield ""
    key = f" One row per {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    yield f"{table.comment}.{key}"
    yield ""
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for field in table.fields:
        if field.name not in left_out:
            yield f"| `{field.name}` | {field.type.simpleString()} | {field.comment} |"


def functions() -> str:
    """The list of functions that contract expressions may call."""
    by_kind: dict[str, list[str]] = {}
    for name, signature in FUNCTIONS.items():
        by_kind.setdefault("any" if signature.gives == "same" else signature.gives, []).append(name)
    lines = [
        "# Functions of contract expressions",
        "",
        "Written by `scripts/docs.py`. Besides these: arithmetic, comparisons, `and`, `or`, `not`, `between`, `in`,",
        "`like`, `rlike`, `is null`, `case`, `if`, `cast`, `||`, `[n]`. A value that cannot be computed is null.",
        "",
        "| gives | functions |",
        "|---|---|",
        *(f"| {kind} | {', '.join(f'`{name}`' for name in names)} |" for kind, names in by_kind.items()),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the files, or exit with 1 where one is not current."""
    made = {"configuration.md": configuration(), "tables.md": tables(), "functions.md": functions()}
    stale = [name for name, text in made.items() if not (DOCS / name).is_file() or (DOCS / name).read_text() != text]
    if "--check" in sys.argv[1:]:
        if stale:
            sys.exit(f"not current: {', '.join(stale)}; run .venv/bin/python scripts/docs.py")
        return
    for name in stale:
        (DOCS / name).write_text(made[name])


if __name__ == "__main__":
    main()
