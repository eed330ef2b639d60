"""The routes of signed URLs, where the bytes of files are uploaded and downloaded.

At Lightfield they lead to a storage host that knows nothing of API keys; here they lead to `/_files`.
A client that sends its API key there has leaked it, so the request is refused and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lightfield_sandbox.http import connection
from lightfield_sandbox.schema.file_statuses import PENDING
from lightfield_sandbox.store.file_storage import DOWNLOAD, UPLOAD, upload_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers
    from starlette.types import Receive, Scope, Send

    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.workspace import Workspace


def storage_routes(workspace: Workspace) -> list[Route]:
    """The routes under `/_files`."""
    return [
        Route("/_files/download/{id}", _Signed(workspace, "GET", DOWNLOAD, _download), methods=None),
        Route("/_files/upload/{id}", _Signed(workspace, "PUT", UPLOAD, _upload), methods=None),
    ]


class _Refusal(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.response = Response(f"<Error><Code>{code}</Code></Error>", status, media_type="application/xml")


@dataclass(frozen=True)
class _Arrival:
    """A request whose URL is signed and has not expired."""

    workspace: Workspace
    record: Record
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class _Signed:
    """One kind of signed URL; `answer` gives the response, and whether a fault breaks it off."""

    workspace: Workspace
    method: str
    purpose: str
    answer: Callable[[_Arrival], tuple[Response, bool]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        try:
            with self.workspace.lock:
                record = self._admit(request)
                response, broken = self.answer(_Arrival(self.workspace, record, request.headers, body))
        except _Refusal as refusal:
            response, broken = refusal.response, False
        if broken:
            headers = {"Content-Type": response.headers["content-type"]}
            await connection.truncate(scope, receive, send, 200, bytes(response.body), headers)
        else:
            await response(scope, receive, send)

    def _admit(self, request: Request) -> Record:
        workspace = self.workspace
        seen = [*request.headers.values(), request.scope["query_string"].decode("latin-1")]
        keys = workspace.keys.by_name.values()
        if "authorization" in request.headers or any(key in text for key in keys for text in seen):
            workspace.stats.leaked_keys += 1
            raise _Refusal(400, "InvalidArgument")
        if request.method != self.method:
            raise _Refusal(405, "MethodNotAllowed")
        query, file_id = request.query_params, request.path_params["id"]
        workspace.storage.expire()
        record = workspace.store.get("file", file_id)
        opens = workspace.storage.opens(
            self.purpose, file_id, query.get("expires", ""), query.get("signature", "")
        )
        if record is None or not opens:
            raise _Refusal(403, "AccessDenied")
        return record


def _download(arrival: _Arrival) -> tuple[Response, bool]:
    workspace, record = arrival.workspace, arrival.record
    content = workspace.storage.content(record)
    if content is None:
        raise _Refusal(404, "NoSuchKey")
    workspace.stats.downloads += 1
    name = quote(record.fields["filename"], safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    response = Response(content, headers=headers, media_type=record.fields["mimeType"])
    return response, workspace.faults.draw_download()


def _upload(arrival: _Arrival) -> tuple[Response, bool]:
    workspace, record = arrival.workspace, arrival.record
    if "lightfield-version" in arrival.headers:
        raise _Refusal(400, "InvalidArgument")
    if record.fields["status"] != PENDING:
        raise _Refusal(403, "AccessDenied")
    for name, value in upload_headers(record).items():
        if arrival.headers.get(name) != value:
            raise _Refusal(403, "SignatureDoesNotMatch")
    if len(arrival.body) > record.fields["sizeBytes"]:
        raise _Refusal(400, "EntityTooLarge")
    workspace.storage.keep(record.id, arrival.body)
    workspace.stats.uploads += 1
    return Response(b"", 200), False
