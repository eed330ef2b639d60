"""What is asked of a record once Lightfield, or another record, stands against a part of it.

A row is never tried again with the same: each time a value less is asked for, or one that was not yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record, field_value
from lightfield_api.refusals import is_refusal
from lightfield_api.value_types import type_of
from lightfield_api.values import same_value
from target_lightfield.id_map.source import Mapped, Source
from target_lightfield.loading.refusals import Refusals
from target_lightfield.matching.policy import Policy
from target_lightfield.matching.unique_values import Taken, UniqueValues
from target_lightfield.matching.wanted import LeftOut, Wanted
from target_lightfield.reporting.left_over import LeftOverKind

_MOST_REFUSALS = 50  # of one row: each costs a write
_MOST_TRIED = 25  # values of a list, one by one

Keep = Callable[[Source, Mapping[str, Any], Sequence[LeftOut]], None]
"""Keeps what of a row is left out, in place of what was kept of it; ``Outcomes.leave_out``."""


@dataclass(frozen=True)
class LeavingOut:
    """Leaves out of the rows of one object type what can't be written, as far as the settings want that.

    Attributes:
        policy: What the settings say.
        refusals: Tells what Lightfield means by refusing a write.
        unique: Whose unique values are.
        keep: Keeps what is left out.
    """

    policy: Policy
    refusals: Refusals
    unique: UniqueValues
    keep: Keep

    def without_taken(self, taken: Taken, wanted: Wanted) -> Wanted | None:
        """Return what is wanted without the unique values that another row's record has.

        None if there are none, the record needs one of them, or the settings say to reject the row.
        """
        if self.policy.taken == "reject":
            return None
        whose = f", which is {taken.owner.key!r} of the same stream"
        return self._without_those_of(taken.record, whose, wanted, is_refused=taken.is_refused)

    def without_refused(self, error: LightfieldError, wanted: Wanted, own: str | None) -> Wanted | None:
        """Return what is wanted without what Lightfield refuses; None if that is not to be left out.

        Args:
            error: The refusal.
            wanted: What was asked for.
            own: The row's record, None if it has none yet.

        Raises:
            LightfieldError: The API did not answer as it should when asked who has a unique value.
        """
        if not is_refusal(error) or len(wanted.left_out) >= _MOST_REFUSALS:
            return None
        if self.policy.taken != "reject" and (unique := self.unique.maybe_taken(error, wanted)):
            holder = self.unique.others_with(error, wanted, own) if own else None
            if holder and (less := self._without_those_of(holder, "", wanted, is_refused=True)):
                return less
            if len(unique) == 1:
                return self._without(unique[0].key, error, wanted, LeftOverKind.TAKEN)
        if self.policy.leaves_out and error.status in {400, 422}:
            key = self.refusals.writer.key_at_fault(error.param)
            return self._without(key, error, wanted, None) if key else None
        return None

    def next_of(self, wanted: Wanted) -> Wanted:
        """Return what is wanted with one more of the values that were not asked for yet."""
        key, (value, *rest) = next((key, items) for key, items in wanted.untried.items() if items)
        there = wanted.references.get(key) or wanted.fields.get(key, ())
        return wanted.less(key, [*there, value], (), rest)

    def becomes_the_first(self, taken: Taken, mapped: Mapped | None, wanted: Wanted) -> bool:
        """Whether a row becomes the record that has a unique value of it: it has none of its own.

        Args:
            taken: Whose record it is.
            mapped: What the id map has of the row; None if nothing.
            wanted: What the row asks for.
        """
        if self.policy.taken != "first" or taken.own is not None:
            return False
        is_already = mapped is not None and mapped.record_id == taken.record["id"]
        shared = self.unique.shared(wanted, taken.record, is_refused=taken.is_refused)
        return is_already or bool(shared)

    def of_the_second(self, taken: Taken, wanted: Wanted) -> Sequence[LeftOut]:
        """Return what of a row is not written since it becomes the record that has a unique value of it."""
        record = taken.record
        why = f"The row became {record['id']}, which is {taken.owner.key!r} of the same stream (taken: first)"
        asked = wanted.stated()
        shared = self.unique.shared(wanted, record, is_refused=taken.is_refused)
        definitions = self.refusals.definitions.fields
        fields = [
            LeftOut(self.refusals.column_name(key), value, why, LeftOverKind.TAKEN, definitions[key].label)
            for key, value in asked.fields.items()
            if value not in (None, [])
            and (key in shared or not same_value(definitions[key], value, field_value(record, key)))
        ]
        links = [
            LeftOut(self.refusals.column_name(key), list(references), why, LeftOverKind.TAKEN)
            for key, references in asked.references.items()
            if references
        ]
        return [*wanted.left_out, *fields, *links]

    def _without_those_of(
        self, record: Record, whose: str, wanted: Wanted, *, is_refused: bool
    ) -> Wanted | None:
        less = wanted
        for key, (free, taken) in self.unique.shared(wanted, record, is_refused=is_refused).items():
            if free is None and key in self.refusals.writer.required:
                return None
            why = f"{record['id']} has it{whose}"
            left_out = [self._left_out(key, value, why, LeftOverKind.TAKEN) for value in taken]
            less = less.less(key, free, left_out, less.untried.get(key))
        return None if less is wanted else less

    def _without(
        self, key: str, error: LightfieldError, wanted: Wanted, kind: LeftOverKind | None
    ) -> Wanted | None:
        """Return what is wanted without what a refusal says of one field, or of a part of its value."""
        links = wanted.references.get(key)
        value = wanted.fields.get(key) if links is None else [*links]
        if value in (None, []) or key in wanted.assumed or key in self.refusals.writer.required:
            return None
        good, bad, untried = self._parts(key, value, error.param or "", wanted.untried.get(key))
        why = f"Lightfield refused it: {error.message}"
        less = wanted.less(key, good, [self._left_out(key, part, why, kind) for part in bad], untried)
        if good is not None:
            return less
        # What says how the value is meant has no meaning by itself: a stage's pipeline.
        hints = [hint for hint, meant in self.refusals.definitions.hints.items() if meant == key]
        fields = {name: own for name, own in less.fields.items() if name not in hints}
        return replace(less, fields=fields)

    def _parts(
        self, key: str, value: Any, param: str, untried: Sequence[Any] | None
    ) -> tuple[Any, Sequence[Any], Sequence[Any] | None]:
        """Return what of a refused value to ask for now, what is left out, and what to ask for afterwards."""
        if isinstance(value, Mapping):
            members = type_of(self.refusals.definitions.fields[key]).members.values()
            if (member := _last_word(param)) in members and member in value:
                return {m: v for m, v in value.items() if m != member} or None, [value[member]], None
        if not isinstance(value, list):
            return None, [value], None
        if untried is not None:  # all but the last were taken
            good = [*value[:-1], *untried[:1]]
            return good or None, value[-1:], untried[1:]
        index = _last_word(param)
        if index.isdecimal() and int(index) < len(value):
            place = int(index)
            return [*value[:place], *value[place + 1 :]] or None, [value[place]], None
        if 1 < len(value) <= _MOST_TRIED:
            return value[:1], [], value[1:]
        return None, value, None

    def _left_out(self, key: str, value: Any, why: str, kind: LeftOverKind | None) -> LeftOut:
        definitions = self.refusals.definitions
        label = (definitions.fields.get(key) or definitions.relationships[key]).label
        return LeftOut(self.refusals.column_name(key), value, why, kind or LeftOverKind.BAD_VALUE, label)


def _last_word(param: str) -> str:
    """Return what a place ends with: ``1`` of ``fields.$email[1]``, ``zip`` of ``fields.$address.zip``."""
    words = re.findall(r"\w+", param)
    return words[-1] if len(words) > 1 else ""
