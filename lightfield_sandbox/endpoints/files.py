"""What files have beside list and retrieve: upload sessions and download URLs."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.endpoints.calls import Call, Endpoint
from lightfield_sandbox.rules.bodies import refuse_unknown
from lightfield_sandbox.schema.errors import ApiError, against_rule, bad_request, not_found, unprocessable
from lightfield_sandbox.schema.file_statuses import CANCELLED, COMPLETED, PENDING
from lightfield_sandbox.schema.resources import READ, WRITE
from lightfield_sandbox.schema.timestamps import iso
from lightfield_sandbox.schema.values import check_value
from lightfield_sandbox.store.file_storage import DOWNLOAD, UPLOAD, settle, upload_headers
from lightfield_sandbox.store.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE_LIMIT = 512 * 1024 * 1024
_MIME_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*(; ?[\w-]+=[\w.+-]+)*", re.ASCII)
_DOCUMENTS = re.compile(
    r"text/.*|application/(json|pdf|msword|x-subrip|vnd\.openxmlformats-officedocument\..*)"
)
_ANYTHING = re.compile(r".*")
# By purpose: the MIME types that it allows, and the most bytes.
PURPOSES = {
    "meeting_transcript": (_DOCUMENTS, SIZE_LIMIT),
    "knowledge_user": (_DOCUMENTS, SIZE_LIMIT),
    "knowledge_workspace": (_DOCUMENTS, SIZE_LIMIT),
    "email_attachment": (_ANYTHING, 20 * 1024 * 1024),
}


def file_endpoints() -> Iterator[Endpoint]:
    """Create, complete and cancel for uploads, and `url` for downloads."""
    create = ("files:create",)
    yield Endpoint("POST", "/v1/files", WRITE, create, _create)
    yield Endpoint("POST", "/v1/files/{id}/complete", WRITE, create, _complete)
    yield Endpoint("POST", "/v1/files/{id}/cancel", WRITE, create, _cancel)
    yield Endpoint("GET", "/v1/files/{id}/url", READ, ("files:read",), _url)


def _create(call: Call) -> bytes:
    workspace = call.workspace
    fields = _checked(call)
    file_id = workspace.writer.ids.new("fil_")
    expires = workspace.storage.start_session(file_id)
    fields |= {"status": PENDING, "expiresAt": iso(expires)}
    record = Record("file", file_id, workspace.store.tick(), None, fields, {})
    workspace.store.put([record])
    workspace.stats.wrote("file", "create")
    url, _ = workspace.storage.signed(call.base_url, UPLOAD, file_id, expires)
    document = workspace.store.renderer.document(record)
    return json.dumps({**document, "uploadUrl": url, "uploadHeaders": upload_headers(record)}).encode()


def _checked(call: Call) -> dict[str, Any]:
    body = call.body
    refuse_unknown(body, ("filename", "mimeType", "sizeBytes", "purpose"))
    for key in ("filename", "mimeType", "sizeBytes"):
        if body.get(key) in (None, ""):
            raise bad_request(f"The body needs {key}.", "parameter_missing", key)
    definition = call.workspace.definitions["file"].fields
    name, mime_type = (check_value(definition[key], body[key]) for key in ("filename", "mimeType"))
    if not _MIME_TYPE.fullmatch(mime_type):
        raise unprocessable("mimeType is no MIME type.", "invalid_type", "mimeType")
    size = body["sizeBytes"]
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise bad_request("sizeBytes is a whole number of at least 1.", "invalid_type", "sizeBytes")
    purpose = body.get("purpose")
    if purpose is not None and (not isinstance(purpose, str) or purpose not in PURPOSES):
        raise bad_request(f"purpose is one of {', '.join(PURPOSES)}.", "invalid_type", "purpose")
    types, most = PURPOSES.get(purpose or "", (_ANYTHING, SIZE_LIMIT))
    if size > most:
        raise against_rule(f"A file has at most {most} bytes.", "invalid_configuration", "sizeBytes")
    if not types.fullmatch(mime_type):
        raise against_rule(f"{purpose} takes no {mime_type}.", "invalid_configuration", "mimeType")
    return {"filename": name, "mimeType": mime_type, "sizeBytes": size}


def _complete(call: Call) -> bytes:
    workspace = call.workspace
    refuse_unknown(call.body, ("md5",))
    md5 = call.body.get("md5")
    if md5 is not None and not isinstance(md5, str):
        raise bad_request("md5 is a string.", "invalid_type", "md5")
    record = _pending(call)
    content = workspace.storage.content(record)
    if content is None:
        raise against_rule("Nothing has been uploaded yet.", "invalid_configuration")
    if len(content) != record.fields["sizeBytes"]:
        message = f"{len(content)} bytes have been uploaded instead of {record.fields['sizeBytes']}."
        raise against_rule(message, "invalid_configuration", "sizeBytes")
    if md5 is not None and hashlib.md5(content, usedforsecurity=False).hexdigest() != md5.lower():
        raise against_rule("The uploaded bytes have another MD5.", "invalid_configuration", "md5")
    return _settled(call, record, COMPLETED)


def _cancel(call: Call) -> bytes:
    refuse_unknown(call.body, ())
    return _settled(call, _pending(call), CANCELLED)


def _url(call: Call) -> bytes:
    record = _found(call)
    if record.fields["status"] != COMPLETED:
        raise ApiError(409, f"{record.id} is {record.fields['status']}, not {COMPLETED}.")
    url, expires = call.workspace.storage.signed(call.base_url, DOWNLOAD, record.id)
    return json.dumps({"url": url, "expiresAt": iso(expires)}).encode()


def _settled(call: Call, record: Record, status: str) -> bytes:
    workspace = call.workspace
    completed_at = iso(workspace.store.tick()) if status == COMPLETED else None
    workspace.stats.wrote("file", "update")
    return workspace.store.renderer.body(settle(workspace.store, record, status, completed_at))


def _pending(call: Call) -> Record:
    record = _found(call)
    if record.fields["status"] != PENDING:
        raise ApiError(409, f"{record.id} is {record.fields['status']}, not {PENDING}.")
    return record


def _found(call: Call) -> Record:
    record = call.workspace.store.get("file", call.path["id"])
    if record is None:
        raise not_found(call.path["id"])
    return record
