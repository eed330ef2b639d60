"""The streams of the tap, one module a family, and the table of those that read one resource each."""

from __future__ import annotations

from collections.abc import Mapping

from lightfield_api.columns import ENVELOPE, OPTIONAL_ENVELOPE
from tap_lightfield.streams.append_only import AppendOnlyStream, EmailsStream
from tap_lightfield.streams.documents import DocumentStream
from tap_lightfield.streams.files import FilesStream
from tap_lightfield.streams.incremental import IncrementalStream
from tap_lightfield.streams.lists import ListsStream
from tap_lightfield.streams.records import RecordStream
from tap_lightfield.streams.sequence_messages import SequenceMessagesStream
from tap_lightfield.streams.sequences import (
    SendersStream,
    SequenceEnrollmentsStream,
    SequencePerformanceStream,
    SequencesStream,
    SequenceStepsStream,
)


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

DOCUMENT_STREAMS: Mapping[str, type[DocumentStream]] = {
    stream.stream_name: stream
    for stream in (
        SequencesStream,
        SequenceStepsStream,
        SequenceEnrollmentsStream,
        SequenceMessagesStream,
        SequencePerformanceStream,
        SendersStream,
    )
}
"""The streams of what is no CRM record and has neither definitions nor ``fields``."""
