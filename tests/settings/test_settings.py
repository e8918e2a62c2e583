"""Settings: layers, types, and one message for all mistakes."""

import pytest

from housing_spark.errors import ConfigurationError
from housing_spark.settings import load_settings, masked_settings, masked_word


def test_later_layers_win() -> None:
    assert load_settings("local", [], {}).training.seed == 7
    assert load_settings("local", [], {"HOUSING_TRAINING__SEED": "8"}).training.seed == 8
    assert load_settings("local", ["training.seed=9"], {"HOUSING_TRAINING__SEED": "8"}).training.seed == 9
    assert load_settings("cluster", [], {}).training.partitions == 16


CASES = [
    ("trian.seed=1", "trian: unknown key"),
    ("training.partitions=many", "training.partitions"),
    ("split.test=1.4", "split.test"),
    ("split.test=0.3", "train + validation + calibration + test is 1.1"),
    ("search.spaces.gbt.step_size={low: 2, high: 1}", "low 2.0 is not below high 1.0"),
    ("search.spaces.gbt.step_size={}", "either low and high, or choices"),
]


@pytest.mark.parametrize(("override", "expected"), CASES)
def test_a_mistake_names_its_key(override: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match="E-CFG-003") as refused:
        load_settings("local", [override], {})
    assert expected in str(refused.value)


@pytest.mark.parametrize("override", ["training.seed", "training.seed=[", "warehouse.x=1"])
def test_an_override_that_cannot_be_read_is_refused(override: str) -> None:
    with pytest.raises(ConfigurationError):
        load_settings("local", ["warehouse=w", override], {})


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"conf/nowhere\.yaml: no such file"):
        load_settings("nowhere", [], {})


def test_secrets_print_as_stars() -> None:
    sets = ["tracking.uri=https://me:hush@mlflow.example", "spark_conf={fs.s3a.secret.key: hush}"]
    printed = str(masked_settings(load_settings("local", sets, {})))
    assert "hush" not in printed
    assert "***@mlflow.example" in printed


@pytest.mark.parametrize("mode", ["on", "dry_run", "off"])
def test_modes_are_what_was_written_though_yaml_has_its_own_mind(mode: str) -> None:
    settings = load_settings("local", [f"gate.mode={mode}", f"leakage.mode={mode}"], {})
    assert (settings.gate.mode, settings.leakage.mode) == (mode, mode)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("spark_conf.spark.hadoop.fs.s3a.secret.key=abc=def", "spark_conf.spark.hadoop.fs.s3a.secret.key=***"),
        ("--set=spark_conf.my.password=a b", "--set=spark_conf.my.password=***"),
        ("spark_conf.fs.azure.account.key.mine=abc=", "spark_conf.fs.azure.account.key.mine=***"),
        ("spark_conf={my.password: word}", "spark_conf={my.password:***"),
        ("tracking.uri=https://me:word@models.example/x", "tracking.uri=https://***@models.example/x"),
        ("--json", "--json"),
        ("search.max_evals={gbt: 4}", "search.max_evals={gbt: 4}"),
    ],
)
def test_a_command_line_is_kept_without_its_secrets(word: str, shown: str) -> None:
    assert masked_word(word) == shown
