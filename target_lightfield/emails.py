"""Emails: logged as history, never sent. API page: "Logging an email" (``POST /v1/emails/log``)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.errors import Conflict, IdempotencyConflict
from target_lightfield.id_map import Mapped, Source
from target_lightfield.incoming import RowReader, Wanted
from target_lightfield.loading import Loaded, Loader
from target_lightfield.report import Outcome
from target_lightfield.writer import Writer

_MESSAGE_ID, _IN_REPLY_TO, _REFERENCES, _TEXT = "$messageId", "$inReplyTo", "$references", "$bodyText"


def definitions_of_logged(emails: ObjectDefinitions) -> ObjectDefinitions:
    """Return the definitions of emails with what a log also takes: three headers and the plain text."""
    return ObjectDefinitions.of(
        emails.object_type,
        [
            *emails.fields.values(),
            FieldDefinition(_MESSAGE_ID, "TEXT", "Message-ID", "The header of this name."),
            FieldDefinition(_IN_REPLY_TO, "TEXT", "In-Reply-To", "The header of this name."),
            FieldDefinition(_REFERENCES, "TEXT", "References", "The header of this name."),
            FieldDefinition(_TEXT, "TEXT", "Plain text", "The message as plain text."),
        ],
        emails.relationships.values(),
    )


class EmailReader(RowReader):
    """Reads the rows of emails; ``references`` may be an array too."""

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what the row asks for. Raises Rejection as RowReader does."""
        references = row.get("references")
        if isinstance(references, list):
            row = {**row, "references": " ".join(map(str, references))}
        return super().read(row)


class EmailWriter(Writer):
    """Logs emails.

    Lightfield logs a Message-ID once. An email that has none gets one that follows from its source: then
    not even a lost id map makes it be logged twice.
    """

    def _create_body(self, source: Source, fields: Mapping[str, Any]) -> dict[str, Any]:
        taken = dict(fields)
        headers = {
            "Message-ID": message_id(source, taken.pop(_MESSAGE_ID, None)),
            "In-Reply-To": " ".join(_message_ids(taken.pop(_IN_REPLY_TO, None))),
            "References": " ".join(_message_ids(taken.pop(_REFERENCES, None))),
        }
        parts = {"html": taken.pop("$body", None), "text": taken.pop(_TEXT, None)}
        if body := {name: part for name, part in parts.items() if part}:
            taken["$body"] = body
        return {"fields": taken, "headers": {name: text for name, text in headers.items() if text}}


@dataclass(frozen=True)
class EmailLoader(Loader):
    """Loads emails. One whose Message-ID Lightfield knows is there already, whoever logged it."""

    def _load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        try:
            return super()._load(source, row, wanted)
        except IdempotencyConflict:
            raise
        except Conflict:
            # Its id is in no answer, and no list shows its Message-ID: that stands in the id's place.
            known = message_id(source, wanted.fields.get(_MESSAGE_ID))
            payload_hash = wanted.payload_hash(exactly=self.policy.exact_links)
            self.id_map.settle(source, self.resource.object_type, Mapped(known, payload_hash, created=False))
            return Loaded(Outcome.UNCHANGED)


def message_id(source: Source, given: str | None) -> str:
    """Return an email's Message-ID: the given one, else one that is always the same for its source."""
    if given and (ids := _message_ids(given)):
        return ids[0]
    digest = hashlib.sha256(f"{source.stream}\0{source.key}".encode()).hexdigest()
    return f"<{digest[:32]}@singer-lightfield.invalid>"


def _message_ids(text: str | None) -> list[str]:
    """Return the ids in a header, each in angle brackets, whatever stands between them."""
    return [f"<{part}>" for part in re.split(r"[\s,<>]+", text or "") if part]
