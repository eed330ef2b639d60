"""The expressions of presets: simpleeval, parsed once, given the row's columns and a few functions.

``datetime(hs_meeting_end_time) <= now()``. A name is a column, None where the row has no such one; nothing
else of the program can be reached from an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import simpleeval  # type: ignore[import-untyped]  # which the SDK evaluates stream maps with

from target_lightfield.expressions import reason_of_failure, with_decimals
from target_lightfield.presets.converted import Conventions
from target_lightfield.presets.times import moment


class ExpressionError(Exception):
    """An expression can't be read, or fails for a row. The message has no value of the row."""


class Expression:
    """One expression.

    Args:
        text: What it says.

    Raises:
        ExpressionError: It can't be read.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._parsed = simpleeval.SimpleEval.parse(text)
        except (SyntaxError, ValueError, simpleeval.InvalidExpression) as e:
            raise ExpressionError(f"it can't be read: {e.args[0] if e.args else type(e).__name__}") from e
        self._evaluator = simpleeval.EvalWithCompoundTypes()
        self._evaluator.operators = with_decimals(self._evaluator.operators)

    def evaluate(self, column: Callable[[str], Any], *, now: datetime, time_zone: str) -> Any:
        """Return what it comes to for a row.

        Args:
            column: Returns the value of a column, None where there is none.
            now: What ``now()`` is.
            time_zone: Of times without one.

        Raises:
            ExpressionError: It fails.
        """
        functions = _functions(now, time_zone)
        self._evaluator.functions = functions
        self._evaluator.names = lambda node: _named(node.id, functions, column)
        try:
            return self._evaluator.eval(self.text, previously_parsed=self._parsed)
        except Exception as e:
            raise ExpressionError(reason_of_failure(e, self.text)) from e


def compiled(text: str) -> Expression:
    """Return an expression. Raises ExpressionError."""
    return Expression(text)


def _named(name: str, functions: Mapping[str, Any], column: Callable[[str], Any]) -> Any:
    if name in functions:
        raise simpleeval.NameNotDefined(name, name)
    return column(name)


def _functions(now: datetime, time_zone: str) -> dict[str, Callable[..., Any]]:
    conventions = Conventions(time_zone=time_zone)
    return {
        "now": lambda: now,
        "datetime": lambda value: moment(value, conventions),
        "lower": lambda value: str(value or "").lower(),
        "len": lambda value: len(value or ""),
        "str": lambda value: "" if value is None else str(value),
        "int": int,
        "float": float,
        "startswith": lambda text, start: str(text or "").startswith(start),
        "contains": lambda text, part: part in (text or ""),
    }
