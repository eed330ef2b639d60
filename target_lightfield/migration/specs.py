"""How a column's values get into a field: what has to be said beside the column's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lightfield_api.definitions import FieldDefinition
from target_lightfield.migration.findings import one_line
from target_lightfield.migration.sampling import ColumnSample
from target_lightfield.migration.suggestion import Spec
from target_lightfield.migration.synonyms import CURRENCIES, STAGES
from target_lightfield.presets.conversion import Conventions, convert
from target_lightfield.presets.converted import compared
from target_lightfield.presets.scope import key_text

SEVERAL = frozenset({"EMAIL", "URL", "TELEPHONE", "MULTI_SELECT"})
"""The types that take several values."""

_SEPARATORS = (";", "|", ",")
_PICKED = ("value", "email", "phone", "number", "url", "label", "name")
_MOST_OPTIONS = 40  # values of a column that are written down one by one


def separator_in(column: ColumnSample, value_type: str) -> str | None:
    """Return what stands between several values in a column's texts; None where each is one."""
    if value_type not in SEVERAL:
        return None
    texts = [one for one in column.items if isinstance(one, str)]
    for separator in _SEPARATORS:
        several = [text for text in texts if separator in text.strip(separator + " ")]
        if several and all(_are_like(value_type, text.split(separator)) for text in several):
            return separator
    return None


def commonest(separators: Iterable[str]) -> str | None:
    """Return the separator that most columns have."""
    counts = Counter(separators)
    return min(counts, key=lambda one: (-counts[one], one)) if counts else None


def picked_from(column: ColumnSample) -> str | None:
    """Return the member of a column's objects that has the value; None where it has no objects."""
    objects = [one for one in column.items if isinstance(one, Mapping)]
    return next((name for name in _PICKED if objects and all(name in one for one in objects)), None)


def currency_beside(columns: Mapping[str, ColumnSample], column: str) -> str | None:
    """Return the column with an amount's currency."""
    own = [f"{compared(column)}{name}" for name in CURRENCIES]
    by_name = {compared(name): name for name in columns}
    for called in (*own, *CURRENCIES):
        name = by_name.get(called)
        if name and all(
            len(str(one).strip()) == 3 and str(one).strip().isalpha() for one in columns[name].items
        ):
            return name
    return None


def option_map(
    field: FieldDefinition, values: Iterable[Any], separator: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the workspace's option for each value of a select, and what is to be said of each.

    Values that are options already need no line, unless there are others.

    Args:
        field: The select.
        values: The values of the feed, in their order.
        separator: What stands between several in one text.
    """
    texts = [part for value in values for part in _parts(value, separator)]
    seen = sorted(dict.fromkeys(texts), key=str.casefold)
    if seen and all(one in ("false", "true") for one in seen):
        seen = ["false", "true"]
    labels = list(dict.fromkeys(option.label for option in field.options))
    known = {one: _known(field, one) for one in seen}
    if not labels or not seen or len(seen) > _MOST_OPTIONS or all(known.values()):
        return {}, {}
    table, remarks = {}, {}
    for text in seen:
        table[text], remarks[text] = (text, "sure: the same") if known[text] else _option(text, labels)
    return table, remarks


def _known(field: FieldDefinition, text: str) -> bool:
    """Whether a select takes a text as it is: it is an option, or lies in the range of one."""
    converted = convert(field, text, Conventions())
    return converted.value is not None and not converted.left_over


def _option(text: str, labels: Sequence[str]) -> tuple[str, str]:
    by_name = {compared(label): label for label in labels}
    own = compared(text)
    for called, names in STAGES.items():
        label = by_name.get(called) or next((by_name[one] for one in names if one in by_name), None)
        if label and (own == called or own in names):
            return label, "guess: it usually means that"
    near = get_close_matches(own, by_name, n=1, cutoff=0.75)
    if near:
        return by_name[near[0]], "guess: the names are alike"
    shown = ", ".join(one_line(label) for label in labels[:8])
    return text, f"which? {shown}{', …' if len(labels) > 8 else ''}"


def spec_of(column: str, **said: Any) -> Spec:
    """Return what a preset says of a column of Lightfield's: the source's name alone where that is all."""
    given = {name: value for name, value in said.items() if value}
    return {"from": column, **given} if given else column


def _parts(value: Any, separator: str | None) -> Sequence[str]:
    items = value if isinstance(value, list) else [value]
    texts = [key_text(one) if not isinstance(one, bool) else str(one).lower() for one in items]
    parts = [part.strip() for text in texts for part in (text.split(separator) if separator else [text])]
    return [part for part in parts if part and len(part) <= 80]


def _are_like(value_type: str, parts: Sequence[str]) -> bool:
    """Whether parts of a text are values of a type by themselves."""
    filled = [part.strip() for part in parts if part.strip()]
    if value_type == "EMAIL":
        return all("@" in part for part in filled)
    if value_type == "URL":
        return all("." in part and " " not in part for part in filled)
    if value_type == "TELEPHONE":
        return all(sum(letter.isdigit() for letter in part) > 4 for part in filled)
    return all(len(part) <= 40 for part in filled)
