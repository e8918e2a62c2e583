"""Checks of a contract that need more than one of its parts; every problem is reported, by key path."""

from collections.abc import Iterable, Iterator, Mapping

from housing_spark.contract.expressions import columns_of, parse_expression
from housing_spark.contract.model import Contract


def contract_problems(contract: Contract) -> list[str]:
    """One text per problem, in the order of the file; empty when the contract holds together."""
    return [
        *_name_problems(contract),
        *_reference_problems(contract),
        *_label_problems(contract),
        *_place_problems(contract),
        *_weight_problems(contract),
        *_personal_problems(contract),
        *_feature_problems(contract),
        *_expression_problems(contract),
    ]


def _name_problems(contract: Contract) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name, column in contract.columns.items():
        file_name = (column.source_name or name).lower()
        if file_name in seen:
            yield f"columns.{name}: reads '{file_name}', which columns.{seen[file_name]} reads already"
        seen[file_name] = name
    for name in contract.features.derived:
        if name in contract.columns:
            yield f"features.derived.{name}: is the name of a column already"
    for name in contract.rules:
        if name in contract.columns:
            yield f"rules.{name}: is the name of a column already"


def _reference_problems(contract: Contract) -> Iterator[str]:
    derived = tuple(contract.features.derived)
    lists: list[tuple[str, Iterable[str], tuple[str, ...]]] = [
        ("key", contract.key, ()),
        ("group", contract.group, ()),
        ("label", (contract.label,), ()),
        ("weight", (contract.weight,) if contract.weight else (), ()),
        ("location", contract.location.columns if contract.location else (), ()),
        ("features.numeric", contract.features.numeric, ()),
        ("features.categorical", contract.features.categorical, ()),
        ("segments", contract.segments, derived),
    ]
    for path, names, more in lists:
        listed = tuple(names)
        for name in listed:
            if name not in contract.columns and name not in more:
                yield f"{path}: unknown column '{name}'; known: {', '.join(sorted((*contract.columns, *more)))}"
        yield from (f"{path}: '{name}' is named twice" for name in sorted(set(listed)) if listed.count(name) > 1)


def _label_problems(contract: Contract) -> Iterator[str]:
    label = contract.label
    if label in contract.columns and contract.kinds[label] != "number":
        yield f"label: '{label}' is {contract.columns[label].type}, expected a numeric type"
    lists = {
        "key": contract.key,
        "group": contract.group,
        "features.numeric": contract.features.numeric,
        "features.categorical": contract.features.categorical,
        "location": contract.location.columns if contract.location else (),
        "segments": contract.segments,
        "weight": (contract.weight,),
    }
    yield from (f"{path}: the label '{label}' would leak" for path, names in lists.items() if label in names)


def _place_problems(contract: Contract) -> Iterator[str]:
    if contract.places and contract.location is None:
        yield "places: need a location, the columns of a home's own coordinates"


def _weight_problems(contract: Contract) -> Iterator[str]:
    column = contract.columns.get(contract.weight or "")
    if column is not None and (column.min is None or column.min < 0):
        yield f"weight: columns.{contract.weight} needs 'min: 0' or more: no row counts less than nothing"


def _personal_problems(contract: Contract) -> Iterator[str]:
    """Nothing may need a value that is dropped; a model may look at no person."""
    location = contract.location.columns if contract.location else ()
    needed = {*contract.key, *contract.group, contract.label, contract.weight, *location, *contract.segments}
    seen = {*contract.numeric_features, *contract.features.categorical}
    expressions = (*contract.rules.values(), *contract.features.derived.values(), contract.event_time or "1")
    read = {name for sql in expressions for name in _columns(sql, contract)}
    for name, column in contract.columns.items():
        if column.pii and name in seen:
            yield f"columns.{name}: is personal (pii) and a feature; take it out of features"
        if column.pii == "drop" and (column.required or name in needed | read):
            yield f"columns.{name}: is dropped (pii) and needed; use 'pii: hash', or name it nowhere else"


def _columns(sql: str, contract: Contract) -> set[str]:
    """The columns of an expression; what cannot be read is told elsewhere."""
    try:
        return set(columns_of(sql, contract.kinds))
    except ValueError:
        return set()


def _feature_problems(contract: Contract) -> Iterator[str]:
    kinds = contract.kinds
    numbers = (*contract.numeric_features, *contract.features.derived)
    for name in contract.monotone:
        if name not in numbers:
            yield f"monotone: '{name}' is no numeric feature; known: {', '.join(sorted(numbers))}"
    yield from _kind_problems("features.numeric", contract.numeric_features, kinds, ("number", "boolean"))
    yield from _kind_problems(
        "features.categorical", contract.features.categorical, kinds, ("text", "boolean", "number")
    )
    for name in set(contract.numeric_features) & set(contract.features.categorical):
        yield f"features.categorical: '{name}' is numeric already"
    if not (contract.numeric_features or contract.features.categorical or contract.features.derived):
        yield "features: at least one numeric, categorical or derived feature is needed"


def _kind_problems(path: str, names: Iterable[str], kinds: Mapping[str, str], wanted: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name in kinds and kinds[name] not in wanted:
            yield f"{path}: '{name}' is a {kinds[name]} column, expected {' or '.join(wanted)}"


def _expression_problems(contract: Contract) -> Iterator[str]:
    expressions = {f"features.derived.{name}": sql for name, sql in contract.features.derived.items()}
    if contract.event_time is not None:
        expressions["event_time"] = contract.event_time
    for path, sql in expressions.items():
        yield from _problems_of(path, sql, contract, is_label_a_leak=True)
    for name, sql in contract.rules.items():
        yield from _problems_of(f"rules.{name}", sql, contract, is_label_a_leak=False)


def _problems_of(path: str, sql: str, contract: Contract, *, is_label_a_leak: bool) -> Iterator[str]:
    try:
        parse_expression(sql, contract.kinds)
    except ValueError as error:
        yield f"{path}: {error}"
        return
    if is_label_a_leak and contract.label in columns_of(sql, contract.kinds):
        yield f"{path}: reads the label '{contract.label}', a leak"
