"""Options by label or id: one, or several in a list or one after another in one text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lightfield_api.definitions import FieldDefinition, Option
from target_lightfield.presets.converted import (
    Conventions,
    Converted,
    Untaken,
    items_of,
    nothing_taken,
    one_of,
    text_of,
)
from target_lightfield.presets.ranges import option_in_range
from target_lightfield.reporting.left_over import LeftOverKind

_WORDS = {True: ("true", "yes"), False: ("false", "no")}
_MOST_PARTS = 200  # that are tried together, for a label with the separator in it


def to_single_select_field(field: FieldDefinition, value: Any, _: Conventions) -> Converted:
    """Return the id of an option; of one that another field's option decides, its label as it is.

    Which option of a stage's label is meant depends on the pipeline, which stands in another column.
    """
    one = one_of(value)
    try:
        text = text_of(one)
    except ValueError as e:
        return nothing_taken(value, str(e))
    found = _options(field, one, text)
    if field.parent_field_key and found:
        return Converted(text.strip())
    if len(found) == 1:
        return Converted(found[0].id)
    in_range = None if found else option_in_range(field, one, all_ranges=True)
    return Converted(in_range, [] if in_range else [_no_option(field, found, value)])


def to_multi_select_field(field: FieldDefinition, value: Any, conventions: Conventions) -> Converted:
    """Return the ids of the options that there are, each once."""
    taken: dict[str, None] = {}
    left_over: list[Untaken] = []
    for item in items_of(value):
        try:
            texts = _parts(field, item, text_of(item), conventions.separator)
        except ValueError as e:
            left_over.append(Untaken(item, LeftOverKind.BAD_VALUE, str(e)))
            continue
        for text in texts:
            found = _options(field, item, text)
            if len(found) == 1:
                taken[found[0].id] = None
            else:
                part = item if len(texts) == 1 else text.strip()
                left_over.append(_no_option(field, found, part))
    return Converted(list(taken) or None, left_over)


def _options(field: FieldDefinition, value: Any, text: str) -> Sequence[Option]:
    """Return the options that a value names; true and false are called Yes and No as well."""
    for word in _WORDS[value] if isinstance(value, bool) else (text,):
        if found := field.options_named(word):
            return found
    return ()


def _parts(field: FieldDefinition, value: Any, text: str, separator: str | None) -> Sequence[str]:
    """Return the texts between separators; a separator in an option's label is none."""
    if not separator or separator not in text or _options(field, value, text):
        return (text,)
    parts = [part for part in text.split(separator) if part.strip()]
    if all(field.options_named(part) for part in parts):
        return parts
    parts = text.split(separator)
    found: list[str] = []
    first = 0
    longest = max((option.label.count(separator) for option in field.options), default=0) + 1
    while first < len(parts):
        ends = range(min(len(parts), first + min(longest, _MOST_PARTS)), first, -1)
        end = next((end for end in ends if field.options_named(separator.join(parts[first:end]))), first + 1)
        found.append(separator.join(parts[first:end]))
        first = end
    return [part for part in found if part.strip()]


def _no_option(field: FieldDefinition, found: Sequence[Option], value: Any) -> Untaken:
    """Return that a value names no option, or several."""
    is_stage = field.parent_field_key or field.key == "$stage"
    kind = LeftOverKind.NO_STAGE if is_stage else LeftOverKind.NO_OPTION
    why = f"{len(found)} options have this label" if found else "no option has this label"
    return Untaken(value, kind, why)
