"""The state that a run begins with: whether it has the right form, and nothing in it lies in the future.

A fault ends the run even where it is a deselected stream's: it would be passed on from state to state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from lightfield_api.values import parse_datetime
from tap_lightfield.errors import ConfigError
from tap_lightfield.full_sweep import VERSION

COMPLETE = "complete"
"""How many rows of a stream the run has written, once it has written all there are: ``{"rows": 60}``."""

_BOOKMARK = "replication_key_value"
_TOLERANCE = timedelta(minutes=1)  # the server's clock is known to a second, less the way of an answer


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _is_whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_MEMBERS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "replication_key": (_is_text, "text"),
    "progress_markers": (lambda value: isinstance(value, dict), "an object"),
    "partitions": (lambda value: value == [], "an empty list: no stream of this tap has any"),
    "fields_read": (_are_texts, "a list of texts"),
    "files_to_read_again": (_are_texts, "a list of texts"),
    VERSION: (_is_whole_number, "a whole number"),
}
"""Checks of those members of a stream's state that are no moments."""


def checked(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state with its moments in the one form that texts compare in.

    Raises:
        ConfigError: It is not in the form of this tap's states.
    """
    if not state:
        return {}
    bookmarks = state.get("bookmarks")
    if not isinstance(bookmarks, dict):
        raise ConfigError(
            "The state can't be used: its member 'bookmarks' is missing or no object. Correct it, or run "
            "without a state to read every stream from its start."
        )
    return {**state, "bookmarks": {stream: _checked(stream, entry) for stream, entry in bookmarks.items()}}


def _checked(stream: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise _unusable(stream, "it is not an object")
    for name, (is_right, right) in _MEMBERS.items():
        if name in entry and not is_right(entry[name]):
            raise _unusable(stream, f"its {name} is not {right}")
    # What an earlier run has read to its end says nothing of this one.
    kept = {name: value for name, value in entry.items() if name != COMPLETE}
    if kept.get(_BOOKMARK) is not None:
        try:
            kept[_BOOKMARK] = bookmark_text(parse_datetime(kept[_BOOKMARK]))
        except (OverflowError, TypeError, ValueError):
            raise ConfigError(
                f"The state's bookmark of stream '{stream}' is no date-time: correct it, or remove it "
                "to read the stream from its start."
            ) from None
    return kept


def _unusable(stream: str, reason: str) -> ConfigError:
    return ConfigError(
        f"The state of stream '{stream}' can't be used: {reason}. Correct it, or remove the stream from the "
        "state to read it from its start."
    )


def refuse_the_future(state: Mapping[str, Any], start_date: str | None, now: datetime) -> None:
    """Check that neither ``start_date`` nor a bookmark lies in the future, by the server's clock.

    A run that begins in the future reads nothing and moves its bookmark back to the present, and what was
    changed before that would never be read.

    Args:
        state: The checked state.
        start_date: The setting.
        now: The time by the server's clock.

    Raises:
        ConfigError: One does.
    """
    if start_date and parse_datetime(start_date) > now + _TOLERANCE:
        raise ConfigError(
            f"The setting start_date, {start_date}, is later than Lightfield's clock ({_second(now)}): "
            "nothing would be read. Correct it."
        )
    for stream, entry in state.get("bookmarks", {}).items():
        text = entry.get(_BOOKMARK)
        if text is not None and parse_datetime(text) > now + _TOLERANCE:
            raise ConfigError(
                f"The state's bookmark of stream '{stream}', {text}, is later than Lightfield's clock "
                f"({_second(now)}): what has changed before it would never be read. Set it to when the last "
                "good run began, or remove it to read the stream from its start."
            )


def bookmark_text(moment: datetime) -> str:
    """Return a moment in the one form that bookmarks have, so that their order as text is theirs in time.

    Raises:
        OverflowError: In UTC it lies before the year 1, or after the year 9999.
    """
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def _second(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
