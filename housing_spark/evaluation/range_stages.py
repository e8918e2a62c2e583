"""Calibrated ranges as plain Spark SQL: the last stages of a model, which need no class of ours to load.

* ``forecast_sd`` is the forecast standard deviation of automated valuation: with a probability of about 68 % a price
  lies within this share of the prediction (Freddie Mac's Home Value Explorer; European AVM Alliance, European Standards
  for Statistical Valuation Methods, 2022).
* ``confidence`` is the probability, in percent, that a price lies within 10 % of the prediction: the share of
  calibration errors, over the errors expected of them, that are no larger than a tenth of the prediction is over its
  own (a conformal predictive distribution: Vovk, Shen, Manokhin and Xie, Machine Learning 108, 2019).
"""

from collections.abc import Callable, Sequence

from pyspark.ml.feature import SQLTransformer

from housing_spark.evaluation.intervals import DIFFICULTY, MISSING, Ranges, Ratios

CONFIDENT_WITHIN = 0.10


def group_stage(ranges: Ranges) -> SQLTransformer:
    """The stage that adds ``range_group``: the value whose own errors make a home's range; null: those of all."""
    value = f"COALESCE(CAST(`{ranges.group}` AS STRING), '{MISSING}')"
    named = ", ".join(map(_text, ranges.groups))
    group = f"CASE WHEN {value} IN ({named}) THEN {value} END" if named else "CAST(NULL AS STRING)"
    return SQLTransformer(statement=f"SELECT *, {group} AS range_group FROM __THIS__")  # noqa: S608  # texts of ours, quoted


def range_stage(ranges: Ranges, *, is_positive: bool) -> SQLTransformer:
    """The stage that adds ranges, ``forecast_sd`` and ``confidence``.

    Args:
        ranges: Calibrated.
        is_positive: Whether prices are above nought, so that no range need go below.
    """
    levels = _by_group(ranges, lambda ratios: ratios.levels)
    deviation = _by_group(ranges, lambda ratios: (ratios.deviation,))
    percentiles = _by_group(ranges, lambda ratios: ratios.percentiles)
    listed = ", ".join(_range(place, level, is_positive=is_positive) for place, level in enumerate(ranges.levels))
    main = ranges.levels.index(ranges.level)
    tenth = f"ABS(prediction) * {CONFIDENT_WITHIN!r}D / _expected"
    inner = f"SELECT *, EXP({DIFFICULTY}) AS _expected, {levels} AS _levels FROM __THIS__"  # noqa: S608  # numbers of ours
    middle = (
        f"SELECT *, ARRAY({listed}) AS ranges, TRY_DIVIDE({deviation}[0] * _expected, ABS(prediction)) AS forecast_sd, "  # noqa: S608  # the same
        f"SIZE(FILTER({percentiles}, one -> one <= {tenth})) AS confidence FROM ({inner})"
    )
    return SQLTransformer(
        statement=f"SELECT *, ranges[{main}].lower AS prediction_lower, "  # noqa: S608  # the same
        f"ranges[{main}].upper AS prediction_upper FROM ({middle})"
    )


def _range(place: int, level: float, *, is_positive: bool) -> str:
    reach = f"_levels[{place}] * _expected"
    lower = f"prediction - {reach}"
    if is_positive:
        lower = f"LEAST(prediction, GREATEST({lower}, 0D))"
    return f"NAMED_STRUCT('level', {level!r}D, 'lower', {lower}, 'upper', prediction + {reach})"


def _by_group(ranges: Ranges, numbers: Callable[[Ratios], Sequence[float]]) -> str:
    """Numbers of a row's group."""
    cases = "".join(f" WHEN {_text(name)} THEN {_array(numbers(ratios))}" for name, ratios in ranges.groups.items())
    overall = _array(numbers(ranges.overall))
    return f"CASE range_group{cases} ELSE {overall} END" if cases else overall


def _array(numbers: Sequence[float]) -> str:
    return f"CAST(ARRAY({', '.join(f'{number!r}D' for number in numbers)}) AS ARRAY<DOUBLE>)"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
