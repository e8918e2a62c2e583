"""SQL expressions of a contract: parsed without Spark, checked, and made null-safe.

Under ANSI mode ``cast``, ``/``, ``[n]``, ``to_date`` and integer arithmetic raise on a bad value. A contract's
author need not know: each is turned into the form that gives null.
"""

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import ParseError, SqlglotError

from housing_spark.contract.date_patterns import pattern_problem
from housing_spark.contract.functions import AGGREGATES, DATE_READERS, FUNCTIONS, NON_DETERMINISTIC

_NODES = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Neg, exp.Not, exp.And, exp.Or,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE,
    exp.NullSafeEQ, exp.Between, exp.In, exp.Is, exp.Like, exp.RegexpLike, exp.DPipe, exp.Case, exp.If, exp.Cast,
    exp.DataType, exp.DataTypeParam, exp.Bracket, exp.Substring, exp.Trim, exp.Floor, exp.Ceil, exp.Extract, exp.Var,
    exp.Concat, exp.Anonymous, exp.ILike,
)  # fmt: skip
_ARITHMETIC: dict[type, str] = {
    exp.Add: "try_add",
    exp.Sub: "try_subtract",
    exp.Mul: "try_multiply",
    exp.Div: "try_divide",
    exp.Mod: "try_mod",
}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In)


class _PlainSpark(Databricks):
    """Spark's grammar with every call kept as it was written, so that generating gives the same call back."""

    class Parser(Databricks.Parser):  # type: ignore[valid-type,misc]  # sqlglot makes it an attribute
        FUNCTIONS = {}  # type: ignore[var-annotated]  # typed by sqlglot


def parse_expression(sql: str, kinds: Mapping[str, str]) -> exp.Expression:
    """The syntax tree of a row expression.

    Args:
        sql: One Spark SQL expression.
        kinds: Kind (``number``, ``text``, ``date``, ``boolean``) of every column that may be named.

    Raises:
        ValueError: Not one pure row expression over these columns; the message names the construct.
    """
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect=_PlainSpark) if isinstance(tree, exp.Expression)]
    except SqlglotError as error:
        raise ValueError(f"not an SQL expression: '{sql}' cannot be read{_place(error)}") from error
    if len(trees) != 1:
        raise ValueError("expected one expression")
    for node in trees[0].walk():
        _check_node(node, kinds)  # type: ignore[arg-type]  # every node of an expression is one
    return trees[0]


def null_safe_sql(sql: str, kinds: Mapping[str, str]) -> str:
    """The same expression in the form that gives null where the original could raise.

    Raises:
        ValueError: As ``parse_expression``.
    """
    return _safe(parse_expression(sql, kinds).copy(), kinds).sql(dialect=_PlainSpark)


def columns_of(sql: str, kinds: Mapping[str, str]) -> frozenset[str]:
    """The columns that an expression reads."""
    return frozenset(column.name.lower() for column in parse_expression(sql, kinds).find_all(exp.Column))


def _check_node(node: exp.Expression, kinds: Mapping[str, str]) -> None:
    if isinstance(node, exp.Window):
        raise ValueError("windows are not row expressions")
    if isinstance(node, exp.Subquery | exp.Select | exp.Exists):
        raise ValueError("subqueries are not row expressions")
    if isinstance(node, exp.Anonymous):
        _check_call(str(node.this).lower(), node.expressions)
    elif isinstance(node, exp.CurrentTimestamp | exp.CurrentDate | exp.Rand):
        raise ValueError(f"{node.sql(dialect=_PlainSpark).lower()} is not deterministic")
    elif isinstance(node, exp.Column):
        if node.table or node.name.lower() not in kinds:
            raise ValueError(f"unknown column '{node.sql()}'; known: {', '.join(sorted(kinds))}")
    elif not isinstance(node, _NODES):
        raise ValueError(f"'{node.sql(dialect=_PlainSpark)}' ({type(node).__name__}) is not supported in a contract")


def _place(error: SqlglotError) -> str:
    found = error.errors if isinstance(error, ParseError) else []
    return f" at character {found[0]['col']}" if found and found[0].get("col") else ""


def _check_call(name: str, arguments: list[exp.Expression]) -> None:
    if name in AGGREGATES:
        raise ValueError(f"aggregate {name}() is not a row expression")
    if name in NON_DETERMINISTIC:
        raise ValueError(f"{name}() is not deterministic")
    if name not in FUNCTIONS:
        raise ValueError(f"function {name}() is not in the list of contract functions")
    if name in DATE_READERS and len(arguments) > 1 and isinstance(arguments[1], exp.Literal):
        problem = pattern_problem(arguments[1].name)
        if problem is not None:
            raise ValueError(problem)


def _kind(node: exp.Expression, kinds: Mapping[str, str]) -> str:
    """Number, text, literal, date, boolean or any: as much typing as the null-safe form needs."""
    if isinstance(node, exp.Column):
        return kinds[node.name.lower()]
    if isinstance(node, exp.Paren | exp.Neg):
        return _kind(node.this, kinds)
    if isinstance(node, exp.Anonymous):
        gives = FUNCTIONS[str(node.this).lower()].gives
        return _kind(node.expressions[0], kinds) if gives == "same" and node.expressions else gives
    return _plain_kind(node)


def _plain_kind(node: exp.Expression) -> str:
    if isinstance(node, exp.Literal):
        return "literal" if node.is_string else "number"
    if isinstance(node, exp.Cast):
        name = node.to.sql(dialect=_PlainSpark).lower()
        return {"string": "text", "date": "date", "timestamp": "date", "boolean": "boolean"}.get(name, "number")
    if isinstance(node, exp.Bracket | exp.DPipe | exp.Substring | exp.Trim | exp.Concat):
        return "text"
    numbers = (*_ARITHMETIC, exp.IntDiv, exp.Floor, exp.Ceil, exp.Extract)
    return "number" if isinstance(node, numbers) else "any"


def _as_kind(node: exp.Expression, wanted: str, kinds: Mapping[str, str]) -> exp.Expression:
    given = _kind(node, kinds)
    if wanted == "number" and given in ("text", "literal"):
        return exp.TryCast(this=node, to=exp.DataType.build("double", dialect=_PlainSpark))
    if wanted == "date" and given in ("text", "literal"):
        return exp.Anonymous(this="try_to_timestamp", expressions=[node])
    return node


def _safe(node: exp.Expression, kinds: Mapping[str, str]) -> exp.Expression:
    for child in list(node.iter_expressions()):
        child.replace(_safe(child, kinds))
    if isinstance(node, exp.Cast):
        return exp.TryCast(this=node.this, to=node.to)
    if isinstance(node, exp.Bracket):
        return _call("get", [node.this, *node.expressions])
    if isinstance(node, (*_ARITHMETIC, exp.IntDiv, exp.Neg)):
        return _arithmetic(node, kinds)
    if isinstance(node, _COMPARISONS):
        return _comparison(node, kinds)
    return _function(node, kinds)


def _arithmetic(node: exp.Expression, kinds: Mapping[str, str]) -> exp.Expression:
    numbers = [_as_kind(part, "number", kinds) for part in node.iter_expressions()]
    if isinstance(node, exp.Neg):
        return exp.Neg(this=numbers[0])
    if isinstance(node, exp.IntDiv):
        not_zero = _call("nullif", [numbers[1], exp.Literal.number(0)])
        return exp.Paren(this=exp.IntDiv(this=numbers[0], expression=not_zero))
    return _call(_ARITHMETIC[type(node)], numbers)


def _function(node: exp.Expression, kinds: Mapping[str, str]) -> exp.Expression:
    if isinstance(node, exp.Floor | exp.Ceil):
        node.set("this", _as_kind(node.this, "number", kinds))
    if not isinstance(node, exp.Anonymous):
        return node
    signature = FUNCTIONS[str(node.this).lower()]
    wanted = (*signature.takes, *signature.takes[-1:] * len(node.expressions))
    arguments = [_as_kind(part, kind, kinds) for part, kind in zip(node.expressions, wanted, strict=False)]
    return _call(signature.safe_name or str(node.this).lower(), arguments)


def _comparison(node: exp.Expression, kinds: Mapping[str, str]) -> exp.Expression:
    """A text compared with a number is read as a number, as Spark would, but without raising."""
    parts = list(node.iter_expressions())
    if any(_kind(part, kinds) in ("number", "date") for part in parts):
        wanted = "number" if any(_kind(part, kinds) == "number" for part in parts) else "date"
        for part in parts:
            part.replace(_as_kind(part.copy(), wanted, kinds))
    return node


def _call(name: str, arguments: list[exp.Expression]) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=arguments)
