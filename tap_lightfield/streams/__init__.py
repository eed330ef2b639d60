"""The streams of the tap, one module a family, and the table of those that read one resource each."""

from __future__ import annotations

from collections.abc import Mapping

from lightfield_api.columns import ENVELOPE, OPTIONAL_ENVELOPE
from tap_lightfield.streams.append_only import AppendOnlyStream, EmailsStream
from tap_lightfield.streams.files import FilesStream
from tap_lightfield.streams.incremental import IncrementalStream
from tap_lightfield.streams.lists import ListsStream
from tap_lightfield.streams.records import RecordStream


class MeetingsStream(IncrementalStream):
    """Meetings, whose content privacy may hide."""

    envelope = (*ENVELOPE, *OPTIONAL_ENVELOPE)


STREAMS: Mapping[str, type[RecordStream]] = {
    "accounts": IncrementalStream,
    "contacts": IncrementalStream,
    "opportunities": IncrementalStream,
    "tasks": IncrementalStream,
    "notes": IncrementalStream,
    "meetings": MeetingsStream,
    "members": RecordStream,
    "emails": EmailsStream,
    "messages": AppendOnlyStream,
    "channels": RecordStream,
    "lists": ListsStream,
    "files": FilesStream,
}
"""The streams of the API's resources, by the name of their resource."""
