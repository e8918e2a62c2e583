"""A contract from a shipped name or a user's file, with every mistake in one message, before Spark starts."""

import copy
import hashlib
import json
import re
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from housing_spark.contract.checks import contract_problems
from housing_spark.contract.model import Contract
from housing_spark.errors import ConfigurationError
from housing_spark.yaml_files import conf_file, problems, read_yaml

_YAML_ENDINGS = (".yaml", ".yml")


def load_contract(dataset: str) -> Contract:
    """The contract of a dataset.

    Args:
        dataset: A shipped name (``ames``), or the path of a YAML file.

    Raises:
        ConfigurationError: No such contract, or every problem in it, by key path.
    """
    file: Traversable
    if dataset.endswith(_YAML_ENDINGS) or "/" in dataset:
        file, label = Path(dataset), dataset
    else:
        file, label = conf_file("datasets").joinpath(f"{dataset}.yaml"), f"conf/datasets/{dataset}.yaml"
    if not file.is_file():
        shipped = ", ".join(sorted(f.name.removesuffix(".yaml") for f in conf_file("datasets").iterdir()))
        raise ConfigurationError(
            "E-CFG-002", f"contract {dataset}: no file {label}; shipped: {shipped}; or give the path of a YAML file"
        )
    return _checked(read_yaml(file, label), label)


def contract_hash(contract: Contract) -> str:
    """A short hash over everything in the contract but its words for people."""
    content = contract.model_dump(mode="json", exclude={"description": True, "columns": {"__all__": {"comment"}}})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _checked(values: dict[str, object], label: str) -> Contract:
    try:
        contract = Contract.model_validate(values)
    except ValidationError as error:
        found = problems(error) + _problems_of_the_rest(values, error)
    else:
        found = contract_problems(contract)
        if not found:
            return contract
    listed = "; ".join(found)
    raise ConfigurationError("E-CFG-011", f"{label}: {len(found)} problem{'s' * (len(found) > 1)}: {listed}")


def _problems_of_the_rest(values: dict[str, object], error: ValidationError) -> list[str]:
    """What is wrong with the parts that are well formed, but for what is about one that is not."""
    rest, odd = copy.deepcopy(values), set()
    for detail in error.errors():
        path = [str(part) for part in detail["loc"]]
        if detail["type"] != "extra_forbidden":
            path = path[: 3 if path[:2] == ["features", "derived"] else 2]
            odd.add(path[-1])
        is_column = path[0] == "columns" and path[-1] in odd and "[key]" not in detail["loc"]
        _put(rest, path, {"type": "string"} if is_column else None)
    try:
        found = contract_problems(Contract.model_validate(rest))
    except ValidationError:
        return []  # a required part is missing: the rest cannot be judged without it
    return [problem for problem in found if not odd & set(re.findall(r"\w+", problem.partition("; known:")[0]))]


def _put(values: Any, path: list[str], value: object) -> None:
    """Another value at a key path; ``None`` takes the key away."""
    *above, last = path
    for key in above:
        values = values.get(key) if isinstance(values, dict) else None
    if isinstance(values, dict):
        values.pop(last, None)
        if value is not None:
            values[last] = value
