"""The table of the tap's streams: a new one is a row here. Custom objects have theirs from the workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lightfield_api.columns import ENVELOPE, OPTIONAL_ENVELOPE
from lightfield_api.custom_objects import CUSTOM_OBJECTS_READ
from lightfield_api.resources import RESOURCES, Resource
from tap_lightfield.streams.append_only import AppendOnlyStream, EmailsStream
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.streams.definitions import (
    FieldDefinitionsStream,
    FieldOptionsStream,
    ObjectTypesStream,
    RelationshipDefinitionsStream,
)
from tap_lightfield.streams.documents import DocumentStream
from tap_lightfield.streams.field_history import FieldHistoryStream, history_scopes
from tap_lightfield.streams.files import FilesStream
from tap_lightfield.streams.incremental import IncrementalStream
from tap_lightfield.streams.lists import ListMembersStream, ListsStream
from tap_lightfield.streams.records import RecordStream
from tap_lightfield.streams.sequence_messages import SequenceMessagesStream
from tap_lightfield.streams.sequences import (
    SendersStream,
    SequenceEnrollmentsStream,
    SequencePerformanceStream,
    SequencesStream,
    SequenceStepsStream,
)
from tap_lightfield.streams.workflow_runs import WorkflowRunsStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap

_Scopes = Callable[[Mapping[str, Any]], Sequence[str]]


@dataclass(frozen=True)
class StreamKind:
    """A stream that the tap can have.

    Attributes:
        name: The stream's name.
        make: Makes the stream of a run.
        scopes: Returns the scopes without which it can't be read, given the settings.
        resource: The resource whose records it reads, None if it reads something else.
        setting: The setting that says what it reads: where it says nothing, there is no such stream.
        shows_definitions: Whether it needs the definitions of all object types.
    """

    name: str
    make: Callable[[Tap, Workspace], LightfieldStream]
    scopes: _Scopes
    resource: Resource | None = None
    setting: str | None = None
    shows_definitions: bool = False

    def is_there(self, config: Mapping[str, Any]) -> bool:
        """Whether the tap has the stream with these settings."""
        return self.setting is None or bool(config.get(self.setting))


class MeetingsStream(IncrementalStream):
    """Meetings, whose content privacy may hide."""

    envelope = (*ENVELOPE, *OPTIONAL_ENVELOPE)


def _records(name: str, stream: type[RecordStream]) -> StreamKind:
    resource = RESOURCES[name]
    return StreamKind(name, partial(stream, resource=resource), _always(resource.scope("read")), resource)


def _documents(stream: type[DocumentStream]) -> StreamKind:
    return StreamKind(stream.stream_name, stream, _always(stream.scope))


def _definitions(name: str, make: Callable[[Tap, Workspace], LightfieldStream]) -> StreamKind:
    return StreamKind(name, make, _always(), shows_definitions=True)


def _always(*scopes: str) -> _Scopes:
    return lambda _: scopes


STREAM_KINDS: Mapping[str, StreamKind] = {
    kind.name: kind
    for kind in (
        _records("accounts", IncrementalStream),
        _records("contacts", IncrementalStream),
        _records("opportunities", IncrementalStream),
        _records("tasks", IncrementalStream),
        _records("notes", IncrementalStream),
        _records("meetings", MeetingsStream),
        _records("members", RecordStream),
        _records("emails", EmailsStream),
        _records("messages", AppendOnlyStream),
        _records("channels", RecordStream),
        _records("lists", ListsStream),
        _records("files", FilesStream),
        StreamKind("list_members", ListMembersStream, _always(RESOURCES["lists"].scope("read"))),
        StreamKind("object_types", ObjectTypesStream, _always(CUSTOM_OBJECTS_READ)),
        _documents(SequencesStream),
        _documents(SequenceStepsStream),
        _documents(SequenceEnrollmentsStream),
        _documents(SequenceMessagesStream),
        _documents(SequencePerformanceStream),
        _documents(SendersStream),
        _definitions("field_definitions", FieldDefinitionsStream),
        _definitions("relationship_definitions", RelationshipDefinitionsStream),
        _definitions("field_options", FieldOptionsStream),
        StreamKind("workflow_runs", WorkflowRunsStream, _always(), setting="workflow_run_ids"),
        StreamKind("field_history", FieldHistoryStream, history_scopes, setting="field_history"),
    )
}
"""The streams, by name."""
