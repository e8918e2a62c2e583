"""Contracts: every mistake at once, by key path, without Spark."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from housing_spark.contract import contract_hash, load_contract
from housing_spark.errors import ConfigurationError

GOOD: dict[str, Any] = {
    "dataset": "homes",
    "columns": {
        "id": {"type": "bigint", "required": True},
        "price": {"type": "double", "min": 1},
        "beds": {"type": "int"},
        "view": {"type": "string"},
        "lat": {"type": "double"},
        "lon": {"type": "double"},
    },
    "key": ["id"],
    "label": "price",
    "features": {"numeric": ["beds"], "categorical": ["view"], "derived": {"twice": "beds * 2"}},
}


def problems_of(folder: Path, **changes: Any) -> str:
    file = folder / "c.yaml"
    file.write_text(yaml.safe_dump({**GOOD, **changes}, sort_keys=False))
    with pytest.raises(ConfigurationError) as refused:
        load_contract(str(file))
    assert refused.value.exit_code == 2
    return str(refused.value)


@pytest.mark.parametrize("name", ["ames", "california", "market"])
def test_shipped_contracts_hold(name: str) -> None:
    assert load_contract(name).dataset == name


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    message = problems_of(
        tmp_path,
        columns={
            **GOOD["columns"],
            "Bad Name": {"type": "int"},
            "x": {"type": "money"},
            "y": {"type": "int", "mni": 1},
        },
        labl="price",
    )
    for part in (
        "4 problems",
        "columns.Bad Name: ",
        "columns.x.type: unknown type 'money'",
        "columns.y.mni: unknown key",
        "labl: unknown key",
    ):
        assert part in message


def test_a_part_that_is_not_well_formed_does_not_hide_the_mistakes_of_others(tmp_path: Path) -> None:
    message = problems_of(
        tmp_path,
        columns={**GOOD["columns"], "sold": {"type": "strin"}, "Bad": {"type": "int"}},
        key=["nope"],
        rules={"fits": "sold > 3", "half": "beds /"},
    )
    found = message.split(": ", 1)[1]
    assert found.startswith("4 problems")
    for part in (
        "columns.sold.type: unknown",
        "columns.Bad: 'Bad'",
        "key: unknown column 'nope'",
        "rules.half: not an SQL",
    ):
        assert part in found


CASES = [
    ({"key": ["idd"]}, "key: unknown column 'idd'"),
    ({"weight": "nope"}, "weight: unknown column 'nope'"),
    ({"weight": "price"}, "weight: the label 'price' would leak"),
    ({"weight": "beds"}, "weight: columns.beds needs 'min: 0' or more"),
    ({"monotone": {"nope": "increasing"}}, "monotone: 'nope' is no numeric feature; known: beds, twice"),
    ({"monotone": {"beds": "up"}}, "monotone.beds: "),
    ({"key": ["price"]}, "key: the label 'price' would leak"),
    ({"label": "view"}, "label: 'view' is string"),
    ({"features": {"numeric": ["price"]}}, "features.numeric: the label 'price' would leak"),
    ({"features": {"numeric": ["view"]}}, "features.numeric: 'view' is a text column"),
    ({"features": {}}, "features: at least one"),
    ({"features": {"numeric": ["beds", "beds"]}}, "named twice"),
    ({"features": {"numeric": ["beds"], "derived": {"beds": "1"}}}, "features.derived.beds: is the name of a column"),
    ({"features": {"derived": {"a": "price / beds"}}}, "features.derived.a: reads the label 'price', a leak"),
    ({"features": {"derived": {"a": "nope + 1"}}}, "features.derived.a: unknown column 'nope'"),
    ({"features": {"derived": {"a": "sum(beds)"}}}, "aggregate sum() is not a row expression"),
    ({"features": {"derived": {"a": "sum(beds) over (partition by view)"}}}, "windows are not row expressions"),
    ({"features": {"derived": {"a": "(select 1)"}}}, "subqueries are not row expressions"),
    ({"features": {"derived": {"a": "rand()"}}}, "rand() is not deterministic"),
    ({"features": {"derived": {"a": "current_timestamp"}}}, "is not deterministic"),
    ({"features": {"derived": {"a": "java_method(view)"}}}, "function java_method() is not in the list"),
    ({"rules": {"r": "beds > 1; drop table x"}}, "rules.r: expected one expression"),
    ({"rules": {"r": "beds >"}}, "rules.r: not an SQL expression"),
    ({"rules": {"r": "to_date(view, 'd.M.YYYY') > view"}}, "rules.r: date pattern 'd.M.YYYY': 'Y' cannot be read"),
    ({"rules": {"r": "to_date(view, 'ddd.M.yyyy') > view"}}, "'ddd' is too wide, at most 2 d"),
    ({"event_time": "to_timestamp(view, '[yyyy')"}, "a quote or a bracket is open"),
    ({"event_time": "to_date(nope)"}, "event_time: unknown column 'nope'"),
    ({"location": {"latitude": "lat"}}, "location: expected latitude and longitude, or x and y"),
    ({"location": {"latitude": "lat", "y": "lon"}}, "location: expected latitude and longitude, or x and y"),
    ({"columns": {**GOOD["columns"], "label": {"type": "int"}}}, "one of our own names"),
    ({"columns": {**GOOD["columns"], "a": {"type": "string", "min": 1}}}, "min and max need a numeric type"),
    ({"columns": {**GOOD["columns"], "a": {"type": "int", "min": 2, "max": 1}}}, "min 2 is above max 1"),
    ({"columns": {**GOOD["columns"], "a": {"type": "int", "allowed": ["1"]}}}, "allowed needs type string"),
    ({"columns": {**GOOD["columns"], "a": {"type": "string", "allowed": ["x", False]}}}, "write it in quotes"),
    ({"columns": {**GOOD["columns"], "a": {"type": "int", "from": "BEDS"}}}, "which columns.beds reads already"),
    ({"columns": {**GOOD["columns"], "a": {"type": "decimal(40,2)"}}}, "precision is 1 to 38"),
    ({"segments": ["nope"]}, "segments: unknown column 'nope'"),
    ({"dataset": "Two Words"}, "dataset: 'Two Words'"),
]


@pytest.mark.parametrize(("changes", "expected"), CASES, ids=[expected[:40] for _, expected in CASES])
def test_a_mistake_is_named_by_its_key_path(changes: dict[str, Any], expected: str, tmp_path: Path) -> None:
    assert expected in problems_of(tmp_path, **changes)


YAML_CASES = [
    ("dataset: a\ndataset: b\n", "E-CFG-007", "'dataset' is set twice (lines 1, 2)"),
    ("a: !!python/object/apply:os.system [ls]\n", "E-CFG-005", "tags are not allowed"),
    ("a: [1, 2\n", "E-CFG-004", "line 2"),
    ("\ta: 1\n", "E-CFG-004", "line 1"),
    ("- a\n", "E-CFG-004", "expected keys and values"),
    ("on: 1\n", "E-CFG-003", "quote it"),
    ("a: &x [1]\nb: [" + "*x, " * 200 + "]\n", "E-CFG-006", "aliases"),
    ("a: " + "x" * (1 << 20), "E-CFG-006", "bytes"),
    ("caf\xe9: 1\n", "E-CFG-004", "not UTF-8"),
]


@pytest.mark.parametrize(("text", "code", "expected"), YAML_CASES, ids=[case[2] for case in YAML_CASES])
def test_yaml_is_read_strictly(text: str, code: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError) as refused:
        load_contract(str(file))
    assert refused.value.code == code
    assert expected in str(refused.value)


def test_an_unknown_dataset_lists_the_shipped_ones() -> None:
    with pytest.raises(ConfigurationError, match="shipped: ames, california, market"):
        load_contract("nope")


def test_the_hash_follows_meaning_not_words(tmp_path: Path) -> None:
    def hash_of(**changes: Any) -> str:
        (tmp_path / "c.yaml").write_text(yaml.safe_dump({**GOOD, **changes}, sort_keys=False))
        return contract_hash(load_contract(str(tmp_path / "c.yaml")))

    assert hash_of() == hash_of(description="other words")
    assert hash_of() != hash_of(rules={"r": "beds < 9"})
