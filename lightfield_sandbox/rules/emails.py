"""Which emails can be logged, sent or drafted, and trashed."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.rules import participants
from lightfield_sandbox.schema.errors import ApiError, against_rule, bad_request, unprocessable
from lightfield_sandbox.schema.file_statuses import COMPLETED
from lightfield_sandbox.schema.timestamps import now_ms, parse_ms
from lightfield_sandbox.schema.values import check_value
from lightfield_sandbox.store.records import API, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightfield_sandbox.rules.edits import Draft
    from lightfield_sandbox.schema.definitions import FieldDefinition
    from lightfield_sandbox.store.store import Store

RECIPIENT_LIMIT = 500
ATTACHMENT_LIMIT = 5
HEADER_LIMIT = 64 * 1024
_RECIPIENTS = ("$to", "$cc", "$bcc")
MESSAGE_KEYS = ("from", "to", "cc", "bcc", "subject", "messageBody", "attachments")


def check_logged(record: Record) -> None:
    """Refuse to trash or restore an email that was synced from a mailbox."""
    if record.origin != API:
        raise against_rule(f"{record.id} is a synced email.", "invalid_configuration")


def set_thread(store: Store, draft: Draft, headers: Mapping[str, str]) -> None:
    """Give a logged email its Message-ID and its thread.

    Args:
        store: The records of the workspace.
        draft: The email.
        headers: The headers that were sent, by their names in small letters.

    Raises:
        ApiError: 409 where an email has this Message-ID already.
    """
    message_id = headers.get("message-id") or f"{draft.id[4:]}@logged.lightfield.example"
    if store.holder("email", "messageId", message_id.casefold()) is not None:
        raise ApiError(409, f"There is an email {message_id!r} already.", param="headers.Message-ID")
    draft.set_field("messageId", check_value(store.definitions["email"].fields["messageId"], message_id))
    if "$threadId" not in draft.fields:
        thread = _thread(store, headers, message_id)
        draft.set_field("$threadId", check_value(store.definitions["email"].fields["$threadId"], thread))


def set_fields(store: Store, draft: Draft, fields: Mapping[str, Any]) -> None:
    """Set the fields of a logged email.

    Args:
        store: The records of the workspace.
        draft: The email.
        fields: The fields that were sent.

    Raises:
        ApiError: 422 for an unknown field, or a value that the definitions or a rule refuse.
    """
    definition = store.definitions["email"].fields
    for key, value in fields.items():
        field = definition.get(key)
        if field is None or field.hidden:
            raise unprocessable(f"An email has no field {key!r}.", "unknown_field", key)
        draft.set_field(key, _read_body(field, value) if key == "$body" else check_value(field, value))
    for key in ("$sentAt", "$from"):
        if key not in draft.fields:
            raise against_rule(f"A logged email needs {key}.", "parameter_missing", key)
    if not any(key in draft.fields for key in _RECIPIENTS):
        raise against_rule("A logged email needs a recipient.", "parameter_missing", "$to")
    if parse_ms(draft.fields["$sentAt"]) > now_ms():
        raise against_rule("$sentAt is in the future.", "invalid_configuration", "$sentAt")
    everyone = {address.casefold() for address in addresses(draft)}
    inside = everyone & participants.member_addresses(store)
    if not inside or inside == everyone:
        message = "At least one participant has to be a member, and one external."
        raise against_rule(message, "invalid_configuration")
    draft.fields.setdefault("$privacySetting", participants.privacy(store, everyone))


def addresses(draft: Draft) -> list[str]:
    """The addresses of the sender and of every recipient."""
    return [draft.fields["$from"], *(held for key in _RECIPIENTS for held in draft.fields.get(key, ()))]


def _read_body(field: FieldDefinition, value: Any) -> str | None:
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise unprocessable('$body takes {"html", "text"}.', "invalid_type", "$body")
    for key in value:
        if key not in ("html", "text"):
            raise unprocessable(f"A body has no {key!r}.", "unknown_field", f"$body.{key}")
    if "html" in value:
        return str(check_value(field, value["html"]))
    if "text" not in value:
        return None
    text = html.escape(str(check_value(field, value["text"])))
    return f"<p>{text}</p>".replace("\n", "<br>")


def read_headers(value: Any) -> dict[str, str]:
    """The `headers` of a body, by their names in small letters.

    Raises:
        ApiError: 400 where they are not strings, or too long.
    """
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise bad_request("headers is an object of strings.", "invalid_type", "headers")
    if sum(len(name) + len(text) for name, text in value.items()) > HEADER_LIMIT:
        raise bad_request("The headers have more than 64 KB.", "invalid_type", "headers")
    return {name.lower(): text.strip().removeprefix("<").removesuffix(">") for name, text in value.items()}


def _thread(store: Store, headers: Mapping[str, str], message_id: str) -> str:
    """The thread of the first known email that this one answers, else of the last one named, else its own."""
    named = f"{headers.get('in-reply-to', '')} {headers.get('references', '')}".split()
    earlier = [text.strip("<>") for text in named]
    for text in earlier:
        holder = store.get("email", store.holder("email", "messageId", text.casefold()) or "")
        if holder is not None and "$threadId" in holder.fields:
            return str(holder.fields["$threadId"])
    return earlier[-1] if earlier else message_id


def check_message(store: Store, body: Mapping[str, Any], needed: Sequence[str]) -> None:
    """Refuse an email that can't be sent or drafted.

    Args:
        store: The records of the workspace.
        body: The body that was sent.
        needed: The parameters that it can't do without.

    Raises:
        ApiError: 400 or 422.
    """
    for key in needed:
        if not body.get(key):
            raise bad_request(f"The body needs {key}.", "parameter_missing", key)
    definition = store.definitions["email"].fields
    sender = check_value(definition["$from"], body["from"])
    recipients = [
        held
        for key in ("to", "cc", "bcc")
        for held in check_value(definition[f"${key}"], body.get(key)) or ()
    ]
    if len(recipients) > RECIPIENT_LIMIT:
        raise bad_request(f"An email has at most {RECIPIENT_LIMIT} recipients.", "invalid_type", "to")
    check_value(definition["$subject"], body.get("subject"))
    content = body.get("messageBody", {"content": ""})
    if not isinstance(content, dict) or not isinstance(content.get("content"), str):
        raise bad_request('messageBody takes {"content", "contentType"}.', "invalid_type", "messageBody")
    if content.get("contentType", "HTML") not in ("HTML", "TEXT"):
        raise bad_request("contentType is HTML or TEXT.", "invalid_type", "messageBody.contentType")
    if sender.casefold() not in participants.member_addresses(store):
        raise against_rule(f"No connected account owns {sender}.", "invalid_configuration", "from")
    _check_attachments(store, body.get("attachments", []))


def _check_attachments(store: Store, ids: Any) -> None:
    if not isinstance(ids, list) or len(ids) > ATTACHMENT_LIMIT:
        message = f"attachments takes at most {ATTACHMENT_LIMIT} file ids."
        raise bad_request(message, "invalid_type", "attachments")
    for file_id in ids:
        record = store.get("file", file_id) if isinstance(file_id, str) else None
        if record is None or record.fields["status"] != COMPLETED:
            raise unprocessable(
                f"There is no file {file_id!r}.", "referenced_resource_missing", "attachments"
            )
