"""The expressions of a preset, simpleeval's as in stream_maps: parsed once, evaluated for each row.

``datetime(hs_meeting_end_time or hs_timestamp) <= now()``. Names are the row's columns, one that is missing
is None, and dots go into objects. Numbers reckon as in :mod:`target_lightfield.expressions`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, TypeAlias

import simpleeval  # type: ignore[import-untyped]  # the SDK's, which pins it

from lightfield_api.numbers import numeric, spelled
from lightfield_api.value_writing import is_null_or_blank
from target_lightfield.expressions import reason_of_failure, with_decimals
from target_lightfield.presets.converted import Conventions
from target_lightfield.presets.times import moment

Names: TypeAlias = Callable[[str], Any]
"""Returns the value of a row's column; None for one that is missing."""


class ExpressionError(ValueError):
    """An expression can't be read, or fails for a row. Says why, without a value of the row."""


class Expression:
    """An expression that is parsed. One is not for several threads.

    Args:
        text: As it stands in the preset.

    Attributes:
        text: The same.
        columns: The columns that it names.

    Raises:
        ExpressionError: It can't be read, or asks for what there is not.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = parse(text)
        self.columns = frozenset(_columns_in(self._tree))
        self._evaluator = _Evaluator()

    def evaluate(self, column: Names, *, now: datetime, time_zone: str = "UTC") -> Any:
        """Return what it comes to for a row.

        Args:
            column: Returns the value of a column.
            now: What ``now()`` is: when the run began, with its zone.
            time_zone: Of times without one.

        Raises:
            ExpressionError: It fails.
        """
        return self._evaluated(column, bool, now, time_zone)

    def holds(self, column: Names, *, now: datetime, time_zone: str = "UTC") -> bool:
        """Whether it is true of a row. The text ``false``, as sources without booleans have it, is not.

        The arguments and errors are those of :meth:`evaluate`.
        """
        return _is_true(self._evaluated(column, _is_true, now, time_zone))

    def _evaluated(self, column: Names, truth: Callable[[Any], bool], now: datetime, time_zone: str) -> Any:
        self._evaluator.take(column, truth, now, time_zone)
        try:
            return self._evaluator.eval(self.text, self._tree)
        except ExpressionError:
            raise
        except Exception as e:
            raise ExpressionError(reason_of_failure(e, self.text)) from e


@lru_cache(maxsize=1024)
def compiled(text: str) -> Expression:
    """Return an expression, parsed once. Raises ExpressionError."""
    return Expression(text)


def parse(text: str) -> ast.expr:
    """Return an expression's tree.

    Raises:
        ExpressionError: The text is no expression, or asks for what there is not.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as e:
        raise ExpressionError(f"it can't be read: {e.msg}") from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("it can't be read") from None
    for node in ast.walk(tree):
        _check(node)
    parsed: ast.expr = _Members().visit(tree)
    return parsed


class _Member(ast.Attribute):
    """A member of an object, ``address.city``; an ``ast.Attribute`` is a method that is called."""


class _Members(ast.NodeTransformer):
    """Tells members of objects from methods."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        method = node.func if isinstance(node.func, ast.Attribute) else None
        if method:
            method.value = self.visit(method.value)
        node.args = [self.visit(one) for one in node.args]
        node.keywords = [self.visit(one) for one in node.keywords]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> _Member:
        return _Member(self.visit(node.value), node.attr, node.ctx)


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]  # which has no types
    """simpleeval with a row's columns for names.

    Attributes:
        column: Where names are looked up.
        truth: What counts as true.
        now: What ``now()`` is.
        conventions: How times are written.
    """

    column: Names
    truth: Callable[[Any], bool]
    now: datetime
    conventions: Conventions

    def __init__(self) -> None:
        super().__init__(allowed_attrs=simpleeval.BASIC_ALLOWED_ATTRS)
        self.functions: Mapping[str, Callable[..., Any]] = {
            **_FUNCTIONS,
            "now": lambda: self.now,
            "datetime": lambda text: _datetime(text, self.conventions),
        }
        operators: Mapping[Any, Callable[..., Any]] = simpleeval.DEFAULT_OPERATORS
        self.operators = {**with_decimals(operators), ast.Not: lambda value: not self.truth(value)}
        self.nodes[_Member] = self._eval_member

    def take(self, column: Names, truth: Callable[[Any], bool], now: datetime, time_zone: str) -> None:
        """Take up a row."""
        self.column, self.truth, self.now = column, truth, now
        self.conventions = _conventions(time_zone)

    def _eval_name(self, node: ast.Name) -> Any:
        return self.column(node.id)

    def _eval_member(self, node: _Member) -> Any:
        holder = self._eval(node.value)
        if holder is None:
            return None
        if not isinstance(holder, Mapping):
            raise ExpressionError(f"what has no members was asked for {node.attr!r}")
        return holder.get(node.attr)

    def _eval_boolop(self, node: ast.BoolOp) -> Any:
        for one in node.values:
            value = self._eval(one)
            if self.truth(value) is isinstance(node.op, ast.Or):
                break
        return value

    def _eval_ifexp(self, node: ast.IfExp) -> Any:
        return self._eval(node.body if self.truth(self._eval(node.test)) else node.orelse)

    def _check_disallowed_items(self, item: Any) -> None:
        """Check nothing, as the SDK's evaluator does: a row's values are JSON's, and know no functions."""


@lru_cache(maxsize=64)
def _conventions(time_zone: str) -> Conventions:
    return Conventions(time_zone=time_zone)


def _is_true(value: Any) -> bool:
    return value.strip().casefold() not in ("", "false") if isinstance(value, str) else bool(value)


def _datetime(text: Any, conventions: Conventions) -> datetime | None:
    if is_null_or_blank(text):
        return None
    if isinstance(text, datetime) and text.tzinfo:
        return text
    try:
        return moment(text, conventions)
    except (ValueError, OverflowError) as e:
        raise ExpressionError(f"datetime() was given what is {e}") from None


def _float(value: Any) -> float | None:
    if is_null_or_blank(value):
        return None
    try:
        return float(numeric(value) if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        raise ExpressionError("float() was given what is not a number") from None


def _int(value: Any) -> int | None:
    if is_null_or_blank(value):
        return None
    try:
        return int(numeric(value) if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        raise ExpressionError("int() was given what is not a number") from None


def _str(value: Any) -> str:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return spelled(value)
    return "" if value is None else str(value)


def _contains(text: Any, part: Any) -> bool:
    return False if text is None or part is None else part in text


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "lower": lambda text: _str(text).lower(),
    "len": lambda value: 0 if value is None else len(value),
    "str": _str,
    "int": _int,
    "float": _float,
    "startswith": lambda text, start: _str(text).startswith(start),
    "contains": _contains,
}

FUNCTIONS = (*_FUNCTIONS, "now", "datetime")
"""The functions that there are."""

_PARTS = (
    ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Call, ast.keyword, ast.IfExp,
    ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp,
    ast.GeneratorExp, ast.DictComp, ast.comprehension, ast.JoinedStr, ast.FormattedValue, ast.boolop,
    ast.expr_context,
)  # fmt: skip


def _check(node: ast.AST) -> None:
    is_operator = isinstance(node, (ast.operator, ast.unaryop, ast.cmpop))
    if not (isinstance(node, _PARTS) or (is_operator and type(node) in simpleeval.DEFAULT_OPERATORS)):
        raise ExpressionError(f"there is no {type(node).__name__} in expressions")
    if isinstance(node, ast.Attribute) and (
        node.attr.startswith(tuple(simpleeval.DISALLOW_PREFIXES)) or node.attr in simpleeval.DISALLOW_METHODS
    ):
        raise ExpressionError(f"{node.attr!r} is not allowed in expressions")
    if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            near = get_close_matches(name, FUNCTIONS, n=1)
            told = f"nearest: {near[0]!r}" if near else f"there are {', '.join(FUNCTIONS)}"
            raise ExpressionError(f"there is no function {name!r}; {told}")


def _columns_in(tree: ast.expr) -> Iterable[str]:
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in names if id(node) not in called} - own
