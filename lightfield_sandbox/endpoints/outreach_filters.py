"""The documented filters of the lists of sequences, senders, enrollments and messages."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.errors import bad_request
from lightfield_sandbox.schema.timestamps import parse_ms
from lightfield_sandbox.store.outreach import ENROLLMENT, MESSAGE, SENDER, SEQUENCE, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lightfield_sandbox.endpoints.calls import Terms

    Condition = Callable[[Json], bool]

_TERM = re.compile(r"(?P<key>[^\[\]]+)(?:\[(?P<operator>-?[A-Za-z]+)\])?")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}
_FROM_OR_UNTIL = ("greaterThanOrEqual", "lessThanOrEqual")


@dataclass(frozen=True)
class _Filter:
    """One key that a list may be filtered by.

    Attributes:
        operators: The operators that it takes.
        default: The operator of a filter that names none; None where it has to name one.
        choices: The values allowed, if the document lists them.
        is_time: Whether its values are instants.
        of: Reads the value to compare from a document; by default its member of the filter's name.
    """

    operators: tuple[str, ...]
    default: str | None = None
    choices: tuple[str, ...] = ()
    is_time: bool = False
    of: Callable[[Json], Any] | None = None


def _equal(*choices: str, default: str | None = None) -> _Filter:
    return _Filter(("equal",), default, choices)


def _times(names: Sequence[str], operators: Sequence[str]) -> dict[str, _Filter]:
    return {name: _Filter(tuple(operators), is_time=True) for name in names}


def _is_archived(sender: Json) -> str:
    return "false" if sender["archivedAt"] is None else "true"


_CHANNELS = ("EMAIL", "LINKEDIN")
_FILTERS: Mapping[str, Mapping[str, _Filter]] = {
    SEQUENCE: {
        "status": _equal("DRAFT", "ACTIVE", "DEACTIVATED"),
        "channels": _Filter(("contains",), choices=_CHANNELS),
        **_times(("createdAt", "firstActivatedAt", "lastActivatedAt"), _FROM_OR_UNTIL),
    },
    ENROLLMENT: {
        "status": _equal(
            "ACTIVE", "AWAITING_REVIEW", "NEEDS_ATTENTION", "REPLIED", "COMPLETED", "PAUSED", "CANCELLED",
            "FAILED",
        ),
        "contactId": _equal(),
        "currentStepId": _equal(),
        **_times(("enrolledAt", "lastActivityAt", "repliedAt"), _FROM_OR_UNTIL),
    },
    MESSAGE: {
        "contactId": _equal(default="equal"),
        "enrollmentId": _equal(default="equal"),
        "sequenceStepId": _equal(default="equal"),
        "sequenceStepType": _equal("EMAIL", "LINKEDIN_MESSAGE", "LINKEDIN_INVITE", default="equal"),
        "channel": _equal(*_CHANNELS, default="equal"),
        "direction": _equal("OUTBOUND", "INBOUND", default="equal"),
        "status": _equal(
            "AWAITING_REVIEW", "SCHEDULED", "QUEUED", "SENT", "SKIPPED", "FAILED", "CANCELLED",
            default="equal",
        ),
        **_times(
            ("sentAt", "openedAt", "readAt", "repliedAt", "bouncedAt", "acceptedAt", "receivedAt"),
            tuple(_COMPARISONS),
        ),
    },
    SENDER: {
        "channel": _equal(*_CHANNELS),
        "health": _equal("UNVERIFIED", "HEALTHY", "UNHEALTHY"),
        "owner": _equal(),
        "archived": _Filter(("equal",), choices=("true", "false"), of=_is_archived),
    },
}  # fmt: skip


def parse_conditions(kind: str, terms: Terms) -> list[Condition]:
    """The conditions of a query. A document has to fulfil all of them.

    Raises:
        ApiError: 400 for a key, an operator or a value that the list does not take.
    """
    return [_condition(_FILTERS[kind], name, value) for name, value in terms]


def _condition(filters: Mapping[str, _Filter], term: str, value: str) -> Condition:
    match = _TERM.fullmatch(term)
    found = filters.get(match["key"]) if match else None
    if match is None or found is None:
        raise bad_request(f"This list has no filter {term!r}.", "unknown_field", term)
    key, name = match["key"], match["operator"] or found.default
    if name not in found.operators:
        raise bad_request(f"{key} takes {', '.join(found.operators)}.", "invalid_type", key)
    if found.choices and value not in found.choices:
        raise bad_request(f"{key} is one of {', '.join(found.choices)}.", "invalid_type", key)
    if found.is_time:
        return _time_condition(key, _COMPARISONS[name], _instant(key, value))
    read = found.of or (lambda document: document.get(key))
    if name == "contains":
        return lambda document: value in (read(document) or ())
    return lambda document: bool(read(document) == value)


def _time_condition(key: str, compare: Callable[[Any, Any], bool], bound: int) -> Condition:
    def holds(document: Json) -> bool:
        text = document.get(key)
        return text is not None and compare(parse_ms(text), bound)

    return holds


def _instant(key: str, text: str) -> int:
    try:
        return parse_ms(text)
    except ValueError as error:
        raise bad_request(f"{key}: {error}.", "invalid_type", key) from error
