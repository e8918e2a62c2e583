"""What a model may be fitted without, one thing at a time: families of features, the contract's derived, clipping."""

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
        ``without X`` for each family that it may have and for derived features, ``raw`` for the contract's
        columns alone, and ``outliers X`` for the other ways to clip.
    """
    bare = contract.model_copy(update={"features": contract.features.model_copy(update={"derived": {}})})
    found = {ALL: (contract, settings)}
    if contract.features.derived:
        found["without derived"] = (bare, settings)
    for family in (one for one in FAMILIES if _may_be_there(one, contract, settings, training_rows)):
        found[f"without {family}"] = (contract, settings.without(family))
    found[RAW] = (bare.model_copy(update={"places": {}}), plain(settings))
    ways = (way for way in ("none", "iqr", "zscore") if way != settings.outliers)
    return found | {f"outliers {way}": (contract, settings.model_copy(update={"outliers": way})) for way in ways}


def _may_be_there(family: str, contract: Contract, settings: Features, training_rows: int) -> bool:
    """Whether what it needs is there; where not, a fit without it would be the same again."""
    has_place = contract.location is not None
    is_there = {
        "time": contract.event_time is not None,
        "place": has_place and bool(settings.rotations or contract.places),
        "neighbours": has_place and training_rows >= settings.neighbours.min_rows,
        "ratios": bool(settings.polynomial or settings.ratios),
    }.get(family, True)
    return is_there and bool(getattr(settings.families, family))


def plain(settings: Features) -> Features:
    """The settings without any family."""
    for family in FAMILIES:
        settings = settings.without(family)
    return settings
