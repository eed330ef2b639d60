"""What type of field a person should create for the values that wait for one.

``Prospect`` 801 times and ``Partner`` 40 times is a SINGLE_SELECT of two options.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.checkboxes import checked
from target_lightfield.presets.conversion import Conventions, convert
from target_lightfield.presets.converted import is_blank, items_of, text_of
from target_lightfield.presets.html import is_html
from target_lightfield.reporting.left_over import LeftOverKind

MOST_OPTIONS = 50
_MOST_VALUES = 2000  # different ones, that are looked at
_LONGEST_OPTION = 60
_SHARE = 0.9  # of the values has to be of a type: there is an "n/a" in every column
_CONVENTIONS = Conventions()
_TYPES = ("NUMBER", "CURRENCY", "DATETIME", "EMAIL", "URL", "TELEPHONE", "ADDRESS")


class Guess(NamedTuple):
    """A type, and for selects the options as the plan says them, ``Prospect 801``, most frequent first."""

    value_type: str
    options: Sequence[str] = ()


def guess_type(values: Iterable[Any], separator: str | None = None) -> Guess:
    """Return the valueType that values have, TEXT where nothing speaks for another.

    Args:
        values: All values of a column; of more than 2,000 different ones the first decide.
        separator: What stands between several values in one text.
    """
    counts, examples = _counted(values)
    total = sum(counts.values())

    def share(holds: Callable[[Any], bool]) -> float:
        return sum(count for key, count in counts.items() if holds(examples[key])) / total

    if not total:
        return Guess("TEXT")
    if share(_is_truth) == 1:
        return Guess("CHECKBOX")
    for value_type in _TYPES:
        if share(_fits(value_type)) >= _SHARE:
            return Guess(value_type)
    if share(lambda value: isinstance(value, str) and is_html(value)) > 0:
        return Guess("MARKDOWN")
    return _select(counts, examples, separator)


def _counted(values: Iterable[Any]) -> tuple[Counter[str], dict[str, Any]]:
    """Return how often each value comes, by its text, and one of each."""
    counts: Counter[str] = Counter()
    examples: dict[str, Any] = {}
    for value in values:
        if is_blank(value):
            continue
        key = f"{type(value).__name__}:{value}"
        if key in examples or len(examples) < _MOST_VALUES:
            examples.setdefault(key, value)
            counts[key] += 1
    return counts, examples


def _fits(value_type: str) -> Callable[[Any], bool]:
    """Return whether a value looks like those of a type, and not only can be made one."""
    field = FieldDefinition("it", value_type)

    def fits(value: Any) -> bool:
        if isinstance(value, (list, tuple)) and value_type not in ("EMAIL", "URL", "TELEPHONE"):
            return False
        if isinstance(value, str) and value_type == "ADDRESS":
            return False
        if value_type == "DATETIME" and not isinstance(value, str):
            return False
        found = convert(field, value, _CONVENTIONS)
        return all(one.kind is LeftOverKind.NO_RATE for one in found.left_over)

    return fits


def _is_truth(value: Any) -> bool:
    """Whether a value is true or false and can't be a number."""
    return isinstance(value, bool) or (
        isinstance(value, str) and len(value.strip()) > 1 and checked(value) is not None
    )


def _select(counts: Counter[str], examples: Mapping[str, Any], separator: str | None) -> Guess:
    """Return a select where few values come again and again, else TEXT."""
    options: Counter[str] = Counter()
    is_multi = False
    for key, count in counts.items():
        labels = _labels(examples[key], separator)
        if labels is None:
            return Guess("TEXT")
        is_multi |= len(labels) > 1 or isinstance(examples[key], (list, tuple))
        for label in labels:
            options[label] += count
    come_again = sum(options.values()) >= 2 * len(options)
    if (
        not come_again
        or len(options) > MOST_OPTIONS
        or any(len(label) > _LONGEST_OPTION for label in options)
    ):
        return Guess("TEXT")
    shown = [
        f"{label} {count:,}" for label, count in sorted(options.items(), key=lambda one: (-one[1], one[0]))
    ]
    return Guess("MULTI_SELECT" if is_multi else "SINGLE_SELECT", shown)


def _labels(value: Any, separator: str | None) -> Sequence[str] | None:
    """Return the options that a value names, None where it can name none."""
    labels: list[str] = []
    for item in items_of(value):
        try:
            text = text_of(item)
        except ValueError:
            return None
        if "\n" in text:
            return None
        labels.extend(
            part.strip() for part in (text.split(separator) if separator else [text]) if part.strip()
        )
    return labels
