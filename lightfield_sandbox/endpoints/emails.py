"""The endpoints that make an email. `send` and `draft` are checked and counted; nothing is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lightfield_sandbox.endpoints.calls import Call, Endpoint
from lightfield_sandbox.rules import emails, participants
from lightfield_sandbox.rules.bodies import refuse_unknown
from lightfield_sandbox.rules.edits import Edit
from lightfield_sandbox.schema.errors import bad_request
from lightfield_sandbox.schema.resources import WRITE
from lightfield_sandbox.schema.timestamps import iso, now_ms

if TYPE_CHECKING:
    from collections.abc import Iterator


def email_endpoints() -> Iterator[Endpoint]:
    """`log`, `send` and `draft`; an idempotency key of one means nothing to the others."""
    for name, handle in (("log", _log), ("send", _send), ("draft", _draft)):
        yield Endpoint("POST", f"/v1/emails/{name}", WRITE, ("emails:create",), handle, ("email", name))


def _log(call: Call) -> bytes:
    workspace, body = call.workspace, call.body
    store = workspace.store
    refuse_unknown(body, ("fields", "headers", "autoCreateRecords"))
    fields = body.get("fields")
    if not isinstance(fields, dict):
        raise bad_request("The body needs fields, an object.", "parameter_missing", "fields")
    if not isinstance(body.get("autoCreateRecords", False), bool):
        raise bad_request("autoCreateRecords is true or false.", "invalid_type", "autoCreateRecords")
    headers = emails.read_headers(body.get("headers"))
    edit = Edit(store)
    draft = edit.create("email", workspace.writer.ids.new("eml_"))
    emails.set_fields(store, draft, fields)
    emails.set_thread(store, draft, headers)
    outside = participants.external(store, emails.addresses(draft))
    ids = workspace.writer.ids if body.get("autoCreateRecords") else None
    for object_type in participants.contacts_of(store, edit, outside, ids)[1]:
        workspace.stats.wrote(object_type, "create")
    edit.commit()
    workspace.stats.wrote("email", "create")
    return store.renderer.whole(workspace.writer.stored(draft))


def _send(call: Call) -> bytes:
    refuse_unknown(call.body, emails.MESSAGE_KEYS)
    emails.check_message(call.workspace.store, call.body, ("from", "to", "subject", "messageBody"))
    call.workspace.stats.emails_sent += 1
    return json.dumps({"sentAt": iso(now_ms())}).encode()


def _draft(call: Call) -> bytes:
    if not any(value for key, value in call.body.items() if key != "from"):
        raise bad_request("A draft needs more than a sender.", "parameter_missing", "to")
    refuse_unknown(call.body, emails.MESSAGE_KEYS)
    emails.check_message(call.workspace.store, call.body, ("from",))
    call.workspace.stats.emails_drafted += 1
    return json.dumps({"draftedAt": iso(now_ms())}).encode()
