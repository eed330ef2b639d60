"""Emails: logged as history, never sent. API page: "Logging an email" (``POST /v1/emails/log``).

Lightfield logs each Message-ID once, and answers 409 to a second email with the same one. So the request is
safe to repeat at any time: after a lost answer, after a day, and without the id map.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timezone
from typing import Any

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.errors import Conflict, IdempotencyConflict, LightfieldError
from lightfield_api.records import Record, field_value
from lightfield_api.refusals import is_refusal
from lightfield_api.values import parse_datetime
from target_lightfield.id_map.source import Source, StartedCreate
from target_lightfield.keys import is_storable, written
from target_lightfield.loading.rows import RowReader
from target_lightfield.matching.finder import Finder
from target_lightfield.matching.found import Found, Origin
from target_lightfield.matching.wanted import LeftOut, Wanted
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.writing.changes import Changes
from target_lightfield.writing.writer import Writer

_MESSAGE_ID, _IN_REPLY_TO, _REFERENCES, _TEXT = "$messageId", "$inReplyTo", "$references", "$bodyText"
_ANSWERED = (_IN_REPLY_TO, _REFERENCES)
_HEADERS = {"message-id": _MESSAGE_ID, "in-reply-to": _IN_REPLY_TO, "references": _REFERENCES}
_HEADER_COLUMNS = ("message_id", "in_reply_to", "references")


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
    """Reads the rows of emails. Message-IDs in header columns may be bare or in <>, a text or an array."""

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what the row asks for, its headers in the form that the API takes.

        Raises:
            Rejection: As RowReader does, or ``message_id`` is not one Message-ID and is not left out.
        """
        texts = {name: _as_text(row[name]) for name in _HEADER_COLUMNS if name in row}
        wanted = super().read({**row, **texts})
        fields = dict(wanted.fields)
        for key in _ANSWERED:
            if key in fields:
                fields[key] = " ".join(_message_ids(fields[key]))
        if _MESSAGE_ID in fields:
            try:
                fields[_MESSAGE_ID] = _one_message_id(fields[_MESSAGE_ID])
            except Rejection as e:
                if not self.leaves_out:
                    raise
                bad = LeftOut("message_id", fields.pop(_MESSAGE_ID), e.message, LeftOverKind.BAD_VALUE)
                wanted = replace(wanted, left_out=(*wanted.left_out, bad))
        return replace(wanted, fields=fields)


class EmailWriter(Writer):
    """Logs emails, which can't be changed afterwards."""

    def differences(
        self,
        record: Record,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[str]],  # noqa: ARG002 - attachments can't be written
        *,
        exactly: bool = False,  # noqa: ARG002
    ) -> Changes:
        """Return what differs, of which nothing can be changed. Args as in ``Writer``.

        Only fields that the record shows are compared: lists show no body, METADATA access no subject.
        """
        shown = {key: value for key, value in fields.items() if field_value(record, key) is not None}
        return super().differences(record, shown, {})

    def resume(self, source: Source, started: StartedCreate) -> Record | None:
        """Finish a log whose answer was not seen, however long ago that was.

        Returns:
            The email; where Lightfield says only that it has it, a record with its Message-ID for an id.
            None if Lightfield refuses it.
        """
        try:
            return self._send_create(source, started.idempotency_key, started.body)
        except LightfieldError as e:
            if _is_known(e):
                return {"id": started.body["headers"]["Message-ID"]}
            if not is_refusal(e):
                raise
            return None

    def trash(self, source: Source | None, record_id: str) -> bool:
        """Move an email to the trash; False if it was not there any more.

        Raises:
            Rejection: Nothing but its Message-ID is known.
        """
        if _is_message_id(record_id):
            raise Rejection(
                "Lightfield has the email, but does not say under which id: move it to the trash there",
                code=RejectCode.ID_UNKNOWN,
                param="message_id",
            )
        return super().trash(source, record_id)

    def key_at_fault(self, param: str | None) -> str | None:
        """Return the key that a refusal's ``param`` means: ``headers.Message-ID`` is ``$messageId``."""
        section, _, header = (param or "").partition(".")
        return _HEADERS.get(header.lower()) if section == "headers" else super().key_at_fault(param)

    def _create_body(self, source: Source, fields: Mapping[str, Any]) -> dict[str, Any]:
        taken = dict(fields)
        headers = {
            "Message-ID": message_id(source, fields),
            "In-Reply-To": taken.pop(_IN_REPLY_TO, None),
            "References": taken.pop(_REFERENCES, None),
        }
        taken.pop(_MESSAGE_ID, None)
        parts = {"html": taken.pop("$body", None), "text": taken.pop(_TEXT, None)}
        if body := {name: part for name, part in parts.items() if part}:
            taken["$body"] = body
        return {"fields": taken, "headers": {name: text for name, text in headers.items() if text}}


@dataclass(frozen=True)
class EmailFinder(Finder):
    """Finds emails. One whose Message-ID Lightfield has is there already, whoever logged it.

    No answer names the id of such an email, and no list shows Message-IDs. So its Message-ID takes the place
    of its id, in the id map too.
    """

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield also the Message-ID: of two emails with the same one the first is logged."""
        yield from super().tokens(source, wanted)
        if given := wanted.fields.get(_MESSAGE_ID):
            yield _token(given)

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield also the emails that it answers: Lightfield puts it into their thread only if it has them."""
        yield from super().follows(wanted)
        for key in _ANSWERED:
            yield from map(_token, _message_ids(wanted.fields.get(key)))

    def current(self, record_id: str) -> Record | None:
        """Return an email as it is now; where only its Message-ID is known, a record with nothing else."""
        return {"id": record_id} if _is_message_id(record_id) else super().current(record_id)

    def shown(self, record_id: str) -> tuple[Record | None, bool]:
        """Return an email, and whether it is as it is now. As ``current``."""
        return (self.current(record_id), True) if _is_message_id(record_id) else super().shown(record_id)

    def holder(
        self,
        source: Source,
        error: LightfieldError,
        wanted: Wanted,
        *,
        comes_again: Callable[[], bool],  # noqa: ARG002 - no list shows a Message-ID
    ) -> Found | None:
        """Return the email whose Message-ID Lightfield has already. Args as in ``Finder.holder``."""
        if not _is_known(error):
            return None
        return Found({"id": message_id(source, wanted.fields)}, Origin.MATCHED)


def message_id(source: Source, fields: Mapping[str, Any]) -> str:
    """Return an email's Message-ID: its own, else one derived from its source, the same in every run.

    Sender and time are part of the derived one: two feeds into one workspace may use the same keys.

    Args:
        source: The source record.
        fields: The email's API values by field key; ``$from`` and ``$sentAt`` must be among them.
    """
    if given := fields.get(_MESSAGE_ID):
        return str(given)
    sent_at = parse_datetime(fields["$sentAt"]).astimezone(timezone.utc).isoformat(timespec="seconds")
    parts = json.dumps([source.name, written(source.key), fields["$from"].casefold(), sent_at])
    return f"<{hashlib.sha256(parts.encode()).hexdigest()[:32]}@singer-lightfield.invalid>"


def _message_ids(text: str | None) -> list[str]:
    """Return the Message-IDs in a header, each once and in <>. Where any is in <>, the rest is comment."""
    found = re.findall(r"<([^<>]+)>", text or "") or (text or "").split()
    ids = ("".join(part.split()).strip("<>,;") for part in found)
    return list(dict.fromkeys(f"<{id_}>" for id_ in ids if "@" in id_))


def _one_message_id(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    ids = _message_ids(text)
    if len(ids) != 1 or not is_storable(ids[0]):
        raise Rejection(
            "message_id takes one Message-ID, like <1234@mail.example>: correct it, or leave it out",
            code=RejectCode.INVALID_VALUE,
            param="message_id",
        )
    return ids[0]


def _as_text(value: Any) -> Any:
    """Return an array of texts as one, anything else as it is."""
    if not isinstance(value, list) or not all(item is None or isinstance(item, str) for item in value):
        return value
    return " ".join(id_ for item in value for id_ in _message_ids(item))


def _is_message_id(record_id: str) -> bool:
    return record_id.startswith("<")


def _is_known(error: LightfieldError) -> bool:
    """Whether Lightfield refused an email because it has its Message-ID already."""
    return isinstance(error, Conflict) and not isinstance(error, IdempotencyConflict)


def _token(message_id: str) -> Hashable:
    return "Message-ID", message_id.casefold()
