"""The values that fields once had. API page: "Field history".

The API tells the history of one field of one record in a call, so the stream is there only for the fields
that the settings name, and reads only the records that have changed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from lightfield_api.answers import array_of
from lightfield_api.custom_objects import CUSTOM_OBJECTS_READ, OBJECT_PREFIX
from lightfield_api.definitions import FieldDefinition
from lightfield_api.errors import BadRequest, Conflict, NotFound, UnexpectedAnswer, Unprocessable
from lightfield_api.resources import RESOURCES, Resource
from lightfield_api.values import parse_datetime, read_value
from lightfield_api.words import count
from tap_lightfield.errors import ConfigError
from tap_lightfield.schemas import table_schema
from tap_lightfield.streams.incremental import BookmarkedStream, changed_at
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types

_PAGE = 100
_FIELDS_READ = "fields_read"
_NO_HISTORY = 5  # the first records in a row without an answer: then the field counts as having no history

_TEXT = FieldDefinition("value", "TEXT")
_DATETIME = FieldDefinition("recordedAt", "DATETIME")


_Refusal = BadRequest | Conflict | NotFound | Unprocessable


@dataclass
class _Field:
    """One configured field, and what the API has answered about it so far."""

    resource: Resource
    key: str
    since: datetime | None
    answers: int = 0
    missing: int = 0  # records that are not found: they may have gone since they were listed
    refused: int = 0
    first_refusal: str = ""

    @property
    def name(self) -> str:
        return f"{self.resource.name}.{self.key}"

    @property
    def is_given_up(self) -> bool:
        """Whether no record has answered, and so many have not that none will."""
        return not self.answers and self.missing + self.refused >= _NO_HISTORY

    @property
    def is_read(self) -> bool:
        """Whether nothing that there is of its history is lacking."""
        return not self.refused and not self.is_given_up

    def take(self, answer: _Answer) -> None:
        """Take note of what the API has answered about one record."""
        if answer.refusal is None:
            self.answers += 1
            return
        if isinstance(answer.refusal, NotFound):
            self.missing += 1
        else:
            self.refused += 1
        if self.refused == 1 or not self.first_refusal:
            self.first_refusal = f"that of {answer.record_id}: {answer.refusal}"


@dataclass(frozen=True)
class _Answer:
    """What the API has answered about a field of one record."""

    field: _Field
    record_id: str
    rows: Sequence[dict[str, Any]]
    refusal: _Refusal | None = None


class FieldHistoryStream(BookmarkedStream):
    """The history of the fields in ``field_history``, INCREMENTAL on ``recorded_at``.

    Args:
        tap: The tap.
        workspace: What the streams of the run share.

    Raises:
        ConfigError: The setting names what has no history.
    """

    key_properties = ("object_type", "record_id", "field_key", "recorded_at")

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        fields = _fields_of(tap.config.get("field_history") or {}, workspace, tap.logger)
        scopes = dict.fromkeys(resource.scope("read") for resource in fields)
        super().__init__(tap, workspace, "field_history", _SCHEMA, tuple(scopes))
        self.replication_key = "recorded_at"
        self._fields = fields

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:
        """Yield a row for each value that a field has had since the bookmark."""
        self._full_sweep.leave_out("field_history names what is read, and not all there is")
        began = self._client.server_time()
        reached = self.get_starting_timestamp(context)
        since = self._since(context)
        # A field that was configured after the bookmark was set has its whole history to be read.
        known = set(self.stream_state.get(_FIELDS_READ) or ())
        read: list[str] = []
        for resource, keys in self._fields.items():
            fields = [
                _Field(resource, key, since if f"{resource.name}.{key}" in known else self._start_date)
                for key in keys
            ]
            for answer in self._overlapped(lambda job: self._history(*job), self._jobs(resource, fields)):
                answer.field.take(answer)
                for row in answer.rows:
                    moment = parse_datetime(row["recorded_at"])
                    reached = max(reached or moment, moment)
                    yield row
            for one in fields:
                if one.is_read:
                    read.append(one.name)
                else:
                    self._warn_of_unread(one)
        if self._is_incremental:
            self.stream_state[_FIELDS_READ] = read
        self._reach(reached, began, context)

    def _jobs(self, resource: Resource, fields: list[_Field]) -> Iterator[tuple[str, str, _Field]]:
        """Yield each request to be made: the object type, the record's id and the field."""
        definitions = self._workspace.definitions.get(resource.name)
        object_type = definitions.object_type if definitions else resource.object_type
        for record in self._swept(resource.path):
            changed = changed_at(record)
            for field in fields:
                if not field.is_given_up and (
                    self._sweeps_all or field.since is None or changed >= field.since
                ):
                    yield object_type, record["id"], field

    def _history(self, object_type: str, record_id: str, field: _Field) -> _Answer:
        try:
            entries = list(self._entries(record_id, field))
        except (BadRequest, Conflict, NotFound, Unprocessable) as e:
            return _Answer(field, record_id, (), e)
        rows = [_row(object_type, record_id, field.key, entry) for entry in entries]
        return _Answer(field, record_id, rows)

    def _entries(self, record_id: str, field: _Field) -> Iterator[Mapping[str, Any]]:
        """Yield the entries since the field's beginning, newest first."""
        path = (*field.resource.record_path, record_id, "fields", field.key, "history")
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            answer = self._client.read(
                *path, params={"limit": _PAGE, **({"after": cursor} if cursor else {})}
            )
            failure = f"The history of record {record_id} has not the documented shape"
            for entry in array_of(answer.get("data"), _has_time, failure):
                if field.since and parse_datetime(entry["recordedAt"]) < field.since:
                    return
                yield entry
            cursor, has_more = answer.get("nextCursor"), answer.get("hasMore")
            if not (cursor if has_more is None else has_more):
                return
            if not cursor or not isinstance(cursor, str) or cursor in seen:
                raise UnexpectedAnswer(
                    f"The history of {field.key} of record {record_id} has more than it shows, but no new "
                    f"cursor to it: run again, and leave the field out of field_history if it stays so"
                )
            seen.add(cursor)

    def _warn_of_unread(self, field: _Field) -> None:
        if not field.answers:
            self.logger.warning(
                "Lightfield gives no history of %s of %s; it refused %s. It is left out.",
                field.key, field.resource.name, field.first_refusal,
            )  # fmt: skip
        else:
            self.logger.warning(
                "Lightfield refused the history of %s of %s of %s; first %s. The next run asks for all of "
                "the field's history again.",
                field.key, count("record", field.refused), field.resource.name, field.first_refusal,
            )  # fmt: skip


def history_scopes(config: Mapping[str, Any]) -> Sequence[str]:
    """Return the scopes that the setting ``field_history`` asks for."""
    scopes = (
        RESOURCES[name].scope("read") if name in RESOURCES else CUSTOM_OBJECTS_READ
        for name in config.get("field_history") or ()
    )
    return list(dict.fromkeys(scopes))


def _fields_of(
    wanted: Mapping[str, Sequence[str]], workspace: Workspace, logger: logging.Logger
) -> Mapping[Resource, list[str]]:
    """Return the keys of the fields whose history is read, by the resource that has them.

    Args:
        wanted: The setting.
        workspace: What the streams of the run share.
        logger: Is told of custom objects that there are not.

    Raises:
        ConfigError: The setting names what has no history.
    """
    having = {name: resource for name, resource in RESOURCES.items() if resource.has_history}
    having |= {resource.name: resource for resource in workspace.custom_objects}
    fields: dict[Resource, list[str]] = {}
    for name, keys in wanted.items():
        if name in having:
            fields[having[name]] = list(dict.fromkeys(keys))
        elif name.startswith(OBJECT_PREFIX):
            logger.warning("The setting field_history names %s, which there is not.", name)
        else:
            raise ConfigError(
                f"The setting field_history names {name!r}: Lightfield keeps the history of "
                f"{', '.join(having)} only."
            )
    return fields


def _has_time(entry: Mapping[str, Any]) -> bool:
    try:
        parse_datetime(entry["recordedAt"]).astimezone(timezone.utc)
    except (KeyError, OverflowError, TypeError, ValueError):
        return False
    return True


def _row(object_type: str, record_id: str, key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    is_create = entry.get("isCreate")
    return {
        "object_type": object_type,
        "record_id": record_id,
        "field_key": key,
        "recorded_at": read_value(_DATETIME, entry["recordedAt"]),
        "value": read_value(_TEXT, entry.get("value")),
        "display_value": read_value(_TEXT, entry.get("displayValue")),
        "value_type": read_value(_TEXT, entry.get("valueType")),
        "is_create": is_create if isinstance(is_create, bool) else None,
    }


_SCHEMA = table_schema(
    FieldHistoryStream.key_properties,
    {
        "object_type": ("TEXT", "The record's object type."),
        "record_id": ("TEXT", "The record."),
        "field_key": ("TEXT", "The field's key."),
        "recorded_at": ("DATETIME", "When the field got this value."),
        "value": ("TEXT", "The value; what is no text as JSON."),
        "display_value": ("TEXT", "The value as people read it: an option's label, for example."),
        "value_type": ("TEXT", "The type of the value."),
        "is_create": ("CHECKBOX", "Whether it is the record's original value, as far as the API says so."),
    },
)
