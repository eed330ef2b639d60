"""Which of a stream's columns is which of Lightfield's fields: by names, as far as the values fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from lightfield_api.columns import Role, columns_of
from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.resources import RESOURCES
from lightfield_api.value_types import type_of
from target_lightfield.migration.sampling import ColumnSample
from target_lightfield.migration.synonyms import COLUMNS
from target_lightfield.presets.converted import Conventions, compared
from target_lightfield.presets.custom_fields import can_become

_LIKE = 0.88
_SHORTEST = 5  # letters of names that are taken for one another when they are only alike
_PARTS = ("value", "name", "label", "text", "url", "email")
_GROUPS = frozenset(
    {"address", "primaryaddress", "billingaddress", "mailingaddress", "adresse", "anschrift", "name"}
)


class Target(NamedTuple):
    """A field of Lightfield's that a column may be for.

    Attributes:
        name: Its column, or the member of one: ``primary_address__city``.
        field: Its definition.
        names: What others call it, the likeliest first.
    """

    name: str
    field: FieldDefinition
    names: Sequence[str]

    @property
    def is_member(self) -> bool:
        """Whether it is the member of an object."""
        return "__" in self.name


class Found(NamedTuple):
    """A column that was found for a field, and why."""

    target: Target
    column: ColumnSample
    why: str


def targets_of(to: str, definitions: ObjectDefinitions) -> Iterator[Target]:
    """Yield the system fields of one of Lightfield's streams that can be written, the likeliest first."""
    columns = columns_of(definitions)
    known = COLUMNS.get(to, COLUMNS["custom_objects"])
    resource = RESOURCES.get(to)
    writable = resource.updatable | resource.required if resource and resource.updatable else None
    others = [column.name for column in columns if column.role is Role.FIELD and column.key.startswith("$")]
    for name in dict.fromkeys([*known, *others]):
        base, _, member = name.partition("__")
        column = columns.by_name.get(base)
        if column is None or column.field is None or column.role is not Role.FIELD:
            continue
        if column.field.read_only or not column.key.startswith("$"):
            continue
        if writable is not None and to == "lists" and column.key not in writable:
            continue
        if member and member not in type_of(column.field).members:
            continue
        own = [compared(member)] if member else [compared(base), compared(column.field.label)]
        yield Target(name, column.field, list(dict.fromkeys([*own, *known.get(name, ())])))


def matched(
    targets: Sequence[Target], columns: Mapping[str, ColumnSample], conventions: Conventions
) -> Iterator[Found]:
    """Yield for each field the column that is called like it; those of one name before those that are alike.

    Args:
        targets: The fields.
        columns: The columns that are free, by what they may be called.
        conventions: How the source writes values.
    """
    free = dict(columns)
    filled: set[str] = set()  # with the wholes of which a member is
    whole: set[str] = set()
    for is_same, sureness in ((_is_called, ""), (_is_like, "guess: ")):
        for target in targets:
            base = target.name.partition("__")[0]
            if target.name in filled or base in whole:
                continue
            found = _first(target, free, conventions, is_same)
            if found is None:
                continue
            name, why = found
            column = free[name]
            free = {other: one for other, one in free.items() if one is not column}
            filled |= {target.name, base}
            if not target.is_member:
                whole.add(base)
            yield Found(target, column, f"{sureness}{why}")


def _first(
    target: Target,
    free: Mapping[str, ColumnSample],
    conventions: Conventions,
    is_same: Callable[[Target, str, str], bool],
) -> tuple[str, str] | None:
    """Return the first column that is called like a field and fits it, and why."""
    for called in target.names:
        for name, column in free.items():
            if is_same(target, called, name) and fits(target, column, conventions):
                if is_same is _is_like:
                    return name, f"{name} is like {called}"
                own = called == target.names[0]
                return name, "sure: by its name" if own else "likely: a usual name for it"
    return None


def fits(target: Target, column: ColumnSample, conventions: Conventions) -> bool:
    """Whether a field can take at least half of a column's values."""
    examples = column.items if any(isinstance(one, dict) for one in column.items) else column.examples
    if any(isinstance(one, dict) for one in examples):
        return target.field.value_type in ("EMAIL", "URL", "TELEPHONE", "MULTI_SELECT")
    if target.is_member:
        good = sum(isinstance(one, (str, int, float)) for one in examples)
    else:
        good = sum(can_become(target.field, one, conventions) for one in examples)
    return 2 * good >= len(examples)


def _is_called(target: Target, called: str, name: str) -> bool:
    if compared(name) == called:
        return True
    first, _, last = name.partition(".")
    if not last:
        return False
    if target.is_member:
        return compared(first) in _GROUPS and compared(last) == called
    return compared(first) == called and last in _PARTS


def _is_like(_: Target, called: str, name: str) -> bool:
    own = compared(name)
    if min(len(own), len(called)) < _SHORTEST:
        return False
    return SequenceMatcher(None, own, called).ratio() >= _LIKE
