"""The expressions of stream maps: numbers in them, and what is said of one that fails.

A number of the feed comes into an expression as a Decimal, which knows no floats: ``amount * 1.1`` would be a
TypeError. Here a float counts as the decimal number that it shows, 1.1 as eleven tenths.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import simpleeval  # type: ignore[import-untyped]  # which the SDK evaluates them with
from singer_sdk.mapper import CustomStreamMap, StreamMap

from lightfield_api.numbers import exactly, held_by_float

FILTER = "__filter__"

_EXACT = (ast.Add, ast.Sub, ast.Mult)
_MIXED = (
    ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.Eq, ast.NotEq, ast.Gt, ast.Lt, ast.GtE, ast.LtE
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """Why a row could not be mapped: the column whose expression failed, and the reason."""

    column: str
    reason: str


class Expressions:
    """Maps the rows of a stream with one of the SDK's stream maps.

    Args:
        stream_map: The stream map.
    """

    def __init__(self, stream_map: StreamMap) -> None:
        self._map = stream_map
        self._failure: Failure | None = None
        if isinstance(stream_map, CustomStreamMap):
            evaluator = stream_map.expr_evaluator
            evaluator.operators = with_decimals(evaluator.operators)
            self._evaluate = stream_map._eval
            setattr(stream_map, "_eval", self._evaluated)  # noqa: B010 - to mypy it is a method

    def map(self, row: dict[str, Any]) -> tuple[dict[str, Any] | None, Failure | None]:
        """Return what a row becomes, None if it is left out, and what failed first.

        A column whose expression fails is null.
        """
        self._failure = None
        return self._map.transform(row), self._failure

    def _evaluated(self, *, property_name: str | None, **expression: Any) -> Any:
        try:
            return self._evaluate(property_name=property_name, **expression)
        except Exception as e:  # noqa: BLE001 - whatever a row makes of it
            self._failure = self._failure or Failure(
                property_name or FILTER, reason_of_failure(e.__cause__ or e, expression["expr"])
            )
            return None if property_name else True


def with_decimals(operators: Mapping[Any, Callable[..., Any]]) -> dict[Any, Callable[..., Any]]:
    """Return operators that take Decimals and floats together."""
    return {
        **operators,
        **{kind: _exact(operators[kind]) for kind in _EXACT if kind in operators},
        **{kind: _mixed(operators[kind]) for kind in _MIXED if kind in operators},
        ast.Div: _divide,
    }


def _mixed(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def applied(one: Any, other: Any) -> Any:
        if isinstance(one, Decimal) and isinstance(other, float):
            other = exactly(other)
        elif isinstance(one, float) and isinstance(other, Decimal):
            one = exactly(one)
        return apply(one, other)

    return applied


def _exact(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Reckon with floats as with the numbers that they show, as far as a float can show the result."""

    def applied(one: Any, other: Any) -> Any:
        if not (_is_number(one) and _is_number(other)) or float not in (type(one), type(other)):
            return apply(one, other)
        exact = apply(exactly(one), exactly(other))
        if Decimal in (type(one), type(other)):
            return exact
        held = held_by_float(exact)
        return apply(one, other) if held is None else held

    return applied


def _divide(one: Any, other: Any) -> Any:
    """Divide; what has no end, or more digits than JSON's numbers keep, ends as a float does."""
    quotient = _mixed(operator.truediv)(one, other)
    if isinstance(quotient, Decimal) and quotient.is_finite() and held_by_float(quotient) is None:
        return float(quotient)
    return quotient


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def reason_of_failure(error: BaseException, expression: str) -> str:
    """Return why an expression failed: with names out of it and with types, but with no value of the row."""
    if isinstance(error, simpleeval.NameNotDefined):
        return f"the row has no {error.name!r}"
    if isinstance(error, simpleeval.AttributeDoesNotExist):
        return f"there is no {error.attr!r}"
    if (
        isinstance(error, KeyError)
        and isinstance(key := error.args[0], str)
        and repr(key)[1:-1] in expression
    ):
        return f"there is no {key!r}"
    if isinstance(error, (TypeError, simpleeval.FeatureNotAvailable, simpleeval.FunctionNotDefined)):
        return f"{type(error).__name__}: {error}"
    return type(error).__name__
