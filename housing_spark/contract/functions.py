"""The scalar functions that contract expressions may call, with what they take and give.

Kinds: ``number``, ``text``, ``date``, ``boolean``, ``any``. A text given where a number or a date is wanted is
converted with ``try_cast``, so that a value that does not convert is null and never stops a job.
"""

from typing import NamedTuple


class Signature(NamedTuple):
    """What a function takes (the last kind repeats), what it gives, and the null-safe name Spark knows it by."""

    takes: tuple[str, ...]
    gives: str
    safe_name: str | None = None


_NUMBER = Signature(("number",), "number")
_NUMERIC = (
    *("abs", "sqrt", "cbrt", "exp", "expm1", "ln", "log", "log2", "log10", "log1p", "pow", "power", "sign", "floor"),
    *("ceil", "ceiling", "round", "bround", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "radians"),
    *("degrees", "hypot", "pmod", "try_divide", "try_add", "try_subtract", "try_multiply", "try_mod"),
)
_TEXT = Signature(("text",), "text")
_DATE_PART = Signature(("date",), "number")
_SAME = Signature(("any",), "same")

FUNCTIONS: dict[str, Signature] = {
    **dict.fromkeys(_NUMERIC, _NUMBER),
    **dict.fromkeys(
        ("lower", "upper", "initcap", "trim", "ltrim", "rtrim", "concat", "replace", "translate", "reverse"), _TEXT
    ),
    **dict.fromkeys(("year", "quarter", "month", "day", "dayofmonth", "dayofweek", "dayofyear"), _DATE_PART),
    **dict.fromkeys(("coalesce", "nullif", "greatest", "least", "ifnull", "nvl"), _SAME),
    "isnull": Signature(("any",), "boolean"),
    "isnotnull": Signature(("any",), "boolean"),
    "length": Signature(("text",), "number"),
    "instr": Signature(("text",), "number"),
    "substring": Signature(("text", "number"), "text"),
    "substr": Signature(("text", "number"), "text"),
    "left": Signature(("text", "number"), "text"),
    "right": Signature(("text", "number"), "text"),
    "lpad": Signature(("text", "number", "text"), "text"),
    "rpad": Signature(("text", "number", "text"), "text"),
    "startswith": Signature(("text",), "boolean"),
    "endswith": Signature(("text",), "boolean"),
    "contains": Signature(("text",), "boolean"),
    "regexp_extract": Signature(("text", "text", "number"), "text"),
    "regexp_replace": Signature(("text",), "text"),
    "split": Signature(("text", "text", "number"), "array"),
    "get": Signature(("any", "number"), "text"),
    "try_element_at": Signature(("any", "number"), "text"),
    "to_date": Signature(("text",), "date", "try_to_date"),
    "try_to_date": Signature(("text",), "date"),
    "to_timestamp": Signature(("text",), "date", "try_to_timestamp"),
    "try_to_timestamp": Signature(("text",), "date"),
    "date_add": Signature(("date", "number"), "date"),
    "date_sub": Signature(("date", "number"), "date"),
    "datediff": Signature(("date",), "number"),
    "months_between": Signature(("date",), "number"),
}

AGGREGATES = frozenset(
    {
        *("any", "any_value", "array_agg", "avg", "collect_list", "collect_set", "corr", "count", "count_if"),
        *("every", "first", "kurtosis", "last", "max", "max_by", "mean", "median", "min", "min_by", "mode", "some"),
        *("percentile", "percentile_approx", "skewness", "stddev", "sum", "try_avg", "try_sum", "var_pop", "variance"),
        *("approx_count_distinct", "covar_pop"),
    }
)
NON_DETERMINISTIC = frozenset(
    {
        *("rand", "randn", "random", "uuid", "shuffle", "now", "current_date", "current_timestamp", "curdate"),
        *("localtimestamp", "unix_timestamp", "monotonically_increasing_id", "spark_partition_id"),
        *("input_file_name", "current_user"),
    }
)
DATE_READERS = ("to_date", "try_to_date", "to_timestamp", "try_to_timestamp")
