"""Settings come, later over earlier, from ``conf/base.yaml``, ``conf/<env>.yaml``, the environment and ``--set``."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from pydantic import ValidationError

from housing_spark.errors import ConfigurationError
from housing_spark.settings.sections import Settings
from housing_spark.yaml_files import problems, read_conf

_ENVIRONMENT_PREFIX = "HOUSING_"
_SECRET = re.compile(r"(password|secret|token|(access|account)\.key)", re.IGNORECASE)
_SECRET_KEY = re.compile(_SECRET.pattern + "[^=:]*[=:]", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def load_settings(env: str, overrides: Iterable[str], environ: Mapping[str, str]) -> Settings:
    """The settings of a run, checked as a whole.

    Args:
        env: Name of the overlay, for example ``local``.
        overrides: ``section.key=value`` texts; values are YAML.
        environ: Environment; ``HOUSING_SECTION__KEY`` entries are read.

    Raises:
        ConfigurationError: Every unknown key and wrong value, in one message.
    """
    values = read_conf("base.yaml")
    _merge(values, read_conf(f"{env}.yaml"))
    for path, text in _from_environment(environ):
        _put(values, path, text)
    for override in overrides:
        key, separator, text = override.partition("=")
        if not separator:
            raise ConfigurationError("E-CLI-001", f"--set {override}: expected section.key=value")
        _put(values, key.strip().split("."), text)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError("E-CFG-003", f"settings ({env}): {'; '.join(problems(error))}") from error


def masked_settings(settings: Settings) -> dict[str, Any]:
    """The settings as plain values for printing, with everything that looks like a secret as stars."""
    masked: dict[str, Any] = _mask(settings.model_dump(mode="json"))
    return masked


def masked_word(word: str) -> str:
    """A word of a command line, ``KEY=VALUE`` or other, with everything that looks like a secret as stars."""
    secret = _SECRET_KEY.search(word)
    return f"{word[: secret.end()]}***" if secret else _CREDENTIALS.sub("***", word)


def _mask(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _mask(item, name) for name, item in value.items()}
    if isinstance(value, str):
        return "***" if _SECRET.search(key) else _CREDENTIALS.sub("***", value)
    return value


def _from_environment(environ: Mapping[str, str]) -> Iterable[tuple[list[str], str]]:
    for name, text in sorted(environ.items()):
        if name.startswith(_ENVIRONMENT_PREFIX) and "__" in name:
            yield name.removeprefix(_ENVIRONMENT_PREFIX).lower().split("__"), text


def _put(values: dict[str, Any], path: list[str], text: str) -> None:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError("E-CLI-001", f"{'.'.join(path)}: the value is not YAML") from error
    section = values
    for key in path[:-1]:
        section = section.setdefault(key, {})
        if not isinstance(section, dict):
            raise ConfigurationError("E-CFG-001", f"{'.'.join(path)}: '{key}' is a value, not a section")
    section[path[-1]] = value


def _merge(base: dict[str, Any], overlay: dict[str, Any]) -> None:
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value
