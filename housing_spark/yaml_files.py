"""YAML as people write it: strict, with the line of every mistake, and the shipped ``conf`` folder.

Refused: duplicate keys, tags, more than 1 MiB, more than 100 aliases.
"""

from collections.abc import Hashable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from housing_spark.errors import ConfigurationError

_MAX_BYTES = 1 << 20
_MAX_ALIASES = 100


class _StrictLoader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith(":str"):
                raise _refused("E-CFG-003", key, f"key '{getattr(key, 'value', '?')}' is not a text; quote it")
            if key.value in seen:
                raise _refused("E-CFG-007", key, f"'{key.value}' is set twice (lines {seen[key.value]}, {line})")
            seen[key.value] = line
        return super().construct_mapping(node, deep)


def conf_file(name: str) -> Traversable:
    """A file of the shipped configuration: beside the package in a checkout, inside it in a wheel or zip."""
    packaged = files("housing_spark").joinpath("conf")
    checkout = Path(__file__).parent.parent / "conf"
    return (packaged if packaged.is_dir() else checkout).joinpath(name)


def read_conf(name: str) -> dict[str, Any]:
    """The content of a shipped configuration file.

    Raises:
        ConfigurationError: No such file, or not a YAML mapping.
    """
    return read_yaml(conf_file(name), f"conf/{name}")


def read_yaml(file: Traversable, label: str) -> dict[str, Any]:
    """The mapping in a YAML file.

    Args:
        file: The file.
        label: How messages name it.

    Raises:
        ConfigurationError: Missing, too large, or not one strict YAML mapping.
    """
    if not file.is_file():
        raise ConfigurationError("E-CFG-002", f"{label}: no such file")
    content = file.read_bytes()
    if len(content) > _MAX_BYTES:
        raise ConfigurationError("E-CFG-006", f"{label}: {len(content)} bytes, at most {_MAX_BYTES} are read")
    try:
        text = content.decode("utf-8-sig")
        _check_events(text)
        value = yaml.load(text, Loader=_StrictLoader)  # noqa: S506  # a subclass of SafeLoader
    except UnicodeDecodeError as error:
        raise ConfigurationError("E-CFG-004", f"{label}: not UTF-8 at byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError("E-CFG-004", f"{label}{_place(error)}: {error.problem}") from error
    except ConfigurationError as error:
        raise ConfigurationError(error.code, f"{label} {str(error).removeprefix(error.code + ' ')}") from error
    if not isinstance(value, dict):
        raise ConfigurationError("E-CFG-004", f"{label}: expected keys and values, got {type(value).__name__}")
    return value


def problems(error: ValidationError) -> list[str]:
    """One text per problem of a pydantic model: key path, cause and value."""
    return [_problem(detail, error) for detail in error.errors()]


def _problem(detail: Any, error: ValidationError) -> str:
    path = ".".join(str(part) for part in detail["loc"] if part not in ("function-wrap", "[key]")) or error.title
    if detail["type"] == "extra_forbidden":
        return f"{path}: unknown key"
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should be", "expected")
    if detail["type"] == "model_type":
        message = "expected keys and values"
    if detail["type"] == "missing":
        return f"{path}: is required"
    return f"{path}: {message}" + ("" if detail["type"] == "value_error" else f", got {detail['input']!r}")


def _check_events(text: str) -> None:
    aliases = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        aliases += isinstance(event, yaml.AliasEvent)
        if aliases > _MAX_ALIASES:
            raise ConfigurationError("E-CFG-006", f"more than {_MAX_ALIASES} aliases")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise ConfigurationError("E-CFG-005", f"line {_line(event)}: tags are not allowed, got {tag}")


def _refused(code: str, node: yaml.Node, message: str) -> ConfigurationError:
    return ConfigurationError(code, f"line {node.start_mark.line + 1}: {message}")


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark
    return f" line {mark.line + 1} column {mark.column + 1}" if mark is not None else ""


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0
