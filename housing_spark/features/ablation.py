"""What a model may be fitted without, one thing at a time: families of features, the contract's derived, clipping."""

from typing import get_args

from housing_spark.contract import Contract
from housing_spark.settings.features import FAMILIES, Features

ALL, RAW = "all", "raw"
_Variant = tuple[Contract, Features]


def variants(contract: Contract, settings: Features, training_rows: int) -> dict[str, _Variant]:
    """Contract and settings of every variant, by name; ``all`` comes first, as the model is.

    Args:
        contract: Of the model.
        settings: Of the model.
        training_rows: Where they are few, a model has no neighbours' prices.

    Returns:
        ``without X`` for each family that it may have and for derived features, ``with X`` for those that are
        left out, ``raw`` for the contract's columns alone, ``outliers X`` for the other ways to clip, and
        ``training outliers X`` for models that learn from no outliers.
    """
    bare = contract.model_copy(update={"features": contract.features.model_copy(update={"derived": {}})})
    found = {ALL: (contract, settings)}
    if contract.features.derived:
        found["without derived"] = (bare, settings)
    for family in (one for one in FAMILIES if _may_be_there(one, contract, settings, training_rows)):
        if getattr(settings.families, family):
            found[f"without {family}"] = (contract, settings.without(family))
        else:
            found[f"with {family}"] = (contract, settings.including(family))
    found[RAW] = (bare.model_copy(update={"places": {}}), plain(settings))
    return found | {name: (contract, changed) for name, changed in _outliers(settings).items()}


def _outliers(settings: Features) -> dict[str, Features]:
    """The other ways to treat what lies far out: clipping, and training rows that no model learns from."""
    found = {f"outliers {way}": settings.model_copy(update={"outliers": way}) for way in _others(settings, "outliers")}
    for way in _others(settings, "training_outliers"):
        found[f"training outliers {way}"] = settings.model_copy(update={"training_outliers": way})
    return found


def _others(settings: Features, key: str) -> list[str]:
    """The values that a setting has not."""
    return [way for way in get_args(Features.model_fields[key].annotation) if way != getattr(settings, key)]


def _may_be_there(family: str, contract: Contract, settings: Features, training_rows: int) -> bool:
    """Whether what it needs is there; where not, a fit without it would be the same again."""
    has_place = contract.location is not None
    return {
        "time": contract.event_time is not None,
        "place": has_place and bool(settings.rotations or contract.places),
        "neighbours": has_place and training_rows >= settings.neighbours.min_rows,
        "ratios": bool(settings.polynomial or settings.ratios),
        "target_encoding": bool(contract.features.categorical),
    }.get(family, True)


def plain(settings: Features) -> Features:
    """The settings without any family."""
    for family in FAMILIES:
        settings = settings.without(family)
    return settings
