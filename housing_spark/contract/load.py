"""A contract from a shipped name or a user's file, with every mistake in one message, before Spark starts."""

import hashlib
import json
from importlib.resources.abc import Traversable
from pathlib import Path

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
            "E-CFG-002", f"--dataset {dataset}: no file {label}; shipped: {shipped}; or give the path of a YAML file"
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
        found = problems(error)
    else:
        found = contract_problems(contract)
        if not found:
            return contract
    listed = "; ".join(found)
    raise ConfigurationError("E-CFG-011", f"{label}: {len(found)} problem{'s' * (len(found) > 1)}: {listed}")
