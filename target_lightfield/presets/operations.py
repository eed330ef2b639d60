"""What can be done with the source's values on their way: one table, in which a new operation is a new row.

What a field makes of a value (numbers, dates, options, Markdown) is no operation: the field decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from target_lightfield.presets import references, steps, values
from target_lightfield.presets.column import Column
from target_lightfield.presets.mentions import borne_by, columns_in
from target_lightfield.presets.scope import Scope
from target_lightfield.presets.source_row import is_empty

_Source: TypeAlias = "Callable[[Column, Scope], Any]"
_Step: TypeAlias = "Callable[[Any, Column, Scope], Any]"

SOURCES: Mapping[str, _Source] = {
    "from_": values.from_column,
    "first_of": values.first_of,
    "all_of": values.all_of,
    "value": values.constant,
    "template": values.template,
    "expression": values.expression,
}
"""Where a value comes from: one of these."""

STEPS: Mapping[str, _Step] = {
    "pick": steps.pick,
    "split": steps.split,
    "only": steps.only,
    "lookup": references.lookup,
    "record": references.record,
    "record_by": references.record_by,
    "map": steps.map_,
    "join": steps.join,
    "first_line": steps.first_line,
    "at": steps.at,
    "zone": steps.zone,
    "plus": steps.plus,
    "currency": steps.amount,
    "in_home_currency": steps.amount,
    "signed": steps.signed,
}
"""What is done with it, in this order."""

NOT_OPERATIONS = frozenset({"within", "range", "plain", "else_"})
"""What belongs to an operation, or to the field."""

assert {f.name for f in msgspec.structs.fields(Column)} == {*SOURCES, *STEPS, *NOT_OPERATIONS}  # noqa: S101


def work_out(column: Column, scope: Scope) -> Any:
    """Return the value of a column; None where it has none.

    Args:
        column: Where it comes from, and what is done with it.
        scope: The row, and what is known beside it. It takes what is left over.

    Raises:
        Rejection: An expression fails.
    """
    how = _how(column)
    within = tuple(scope.taken) if column.all_of or column.first_of else scope.taken
    value = how.source(column, scope) if how.source else None
    is_meant_so, was_empty, told = False, is_empty(value), scope.told()
    for operation in how.steps:
        if is_empty(value):
            break
        value = operation(value, column, scope)
        is_meant_so = operation is steps.map_ and is_empty(value)
    if is_meant_so:
        scope.take(how.named)
    elif is_empty(value):
        # Columns within that came to nothing have said so themselves, or that it is on purpose.
        given_back = scope.give_back(scope.taken if was_empty else within)
        if scope.told() == told:
            scope.pass_over([*how.borne, *given_back])
    else:
        scope.take(how.taken)
    if is_empty(value) and column.else_ is not None:
        spec = column.else_
        return work_out(spec, scope) if isinstance(spec, Column) else spec
    return None if is_empty(value) else value


class _How(NamedTuple):
    """How a column is worked out.

    Attributes:
        source: Where its value comes from.
        steps: What is done with it.
        borne: The source's columns that its own value is of.
        named: All that it names.
        taken: Those of which something is made where it has a value: where one of several is enough, the
            others are not missed.
    """

    source: _Source | None
    steps: Sequence[_Step]
    borne: Sequence[str]
    named: Sequence[str]
    taken: Sequence[str]


def _how(column: Column) -> _How:
    """Return what is to be done for a column, worked out once for each."""
    known = _KNOWN.get(id(column))
    if known is None or known[0] is not column:

        def is_set(name: str) -> bool:
            argument = getattr(column, name)
            return argument is not None and (argument is not False or name == "value")

        source = next((SOURCES[name] for name in SOURCES if is_set(name)), None)
        wanted = [step for name, step in STEPS.items() if is_set(name)]
        borne, named = [*borne_by(column)], [*columns_in(column)]
        instead = column.else_ if isinstance(column.else_, Column) else None
        taken = [*borne, *columns_in(instead)] if column.all_of else named
        known = column, _How(source, list(dict.fromkeys(wanted)), borne, named, taken)
        _KNOWN[id(column)] = known
    return known[1]


_KNOWN: dict[int, tuple[Column, _How]] = {}
