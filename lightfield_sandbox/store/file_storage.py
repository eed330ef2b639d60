"""Where the bytes of files are: the storage behind signed URLs, which knows nothing of API keys.

Uploads and downloads go to `/_files`, apart from the API, as they go to another host at Lightfield. A request
that carries the API key there has given it away: it is refused and counted.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lightfield_sandbox.http import connection
from lightfield_sandbox.schema.timestamps import now_ms, parse_ms
from lightfield_sandbox.seed.files import COMPLETED, EXPIRED, PENDING, seeded_content

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers
    from starlette.types import Receive, Scope, Send

    from lightfield_sandbox.store.persistence import Journal
    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.store.store import Store
    from lightfield_sandbox.workspace import Workspace

DOWNLOAD, UPLOAD = "download", "upload"


class FileStorage:
    """The contents of files, the URLs to them, and the upload sessions that run out."""

    def __init__(
        self,
        store: Store,
        seed: int,
        url_seconds: float,
        journal: Journal | None = None,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._store = store
        self._secret = f"{seed}:signatures".encode()
        self._milliseconds = int(url_seconds * 1000)
        self._journal = journal
        self._clock = clock
        self._uploaded: dict[str, bytes] = dict(journal.load_contents()) if journal else {}
        self._sessions = [
            (parse_ms(record.fields["expiresAt"]), record.id)
            for record in store.all_records("file")
            if record.fields["status"] == PENDING
        ]
        heapify(self._sessions)

    def start_session(self, file_id: str) -> int:
        """When an upload that begins now runs out, in milliseconds since 1970."""
        expires = self._clock() + self._milliseconds
        heappush(self._sessions, (expires, file_id))
        return expires

    def expire(self) -> None:
        """Mark the uploads that have run out."""
        while self._sessions and self._sessions[0][0] <= self._clock():
            record = self._store.get("file", heappop(self._sessions)[1])
            if record is not None and record.fields["status"] == PENDING:
                settle(self._store, record, EXPIRED)

    def signed(
        self, base_url: str, purpose: str, file_id: str, expires: int | None = None
    ) -> tuple[str, int]:
        """A URL that needs no key, and when it expires, in milliseconds since 1970."""
        until = self._clock() + self._milliseconds if expires is None else expires
        query = f"expires={until}&signature={self._signature(purpose, file_id, until)}"
        return f"{base_url}/_files/{purpose}/{file_id}?{query}", until

    def opens(self, purpose: str, file_id: str, expires: str, signature: str) -> bool:
        """Whether a signed URL is whole and has not expired."""
        if not (expires.isascii() and expires.isdecimal() and len(expires) < 18):
            return False
        whole = hmac.compare_digest(
            self._signature(purpose, file_id, int(expires)).encode(), signature.encode()
        )
        return whole and int(expires) > self._clock()

    def content(self, record: Record) -> bytes | None:
        """The bytes of a file, None where none have arrived."""
        if record.id in self._uploaded:
            return self._uploaded[record.id]
        return seeded_content(record) if record.fields["status"] == COMPLETED else None

    def keep(self, file_id: str, content: bytes) -> None:
        """Store the bytes of an upload."""
        self._uploaded[file_id] = content
        if self._journal is not None:
            self._journal.save_content(file_id, content)

    def _signature(self, purpose: str, file_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{purpose}:{file_id}:{expires}".encode(), hashlib.sha256).hexdigest()


def settle(store: Store, record: Record, status: str, completed_at: str | None = None) -> Record:
    """The file in its final status."""
    fields = {key: value for key, value in record.fields.items() if key != "expiresAt"}
    fields["status"] = status
    if completed_at is not None:
        fields["completedAt"] = completed_at
    settled = replace(record, fields=fields, body=None)
    store.put([settled])
    return settled


def upload_headers(record: Record) -> dict[str, str]:
    """What an upload has to send, exactly."""
    return {"Content-Type": record.fields["mimeType"], "x-amz-meta-upload": record.id}


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
    """A request that its URL's signature admits."""

    workspace: Workspace
    record: Record
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class _Signed:
    """One kind of signed URL; `answer` says what the storage answers, and whether the answer breaks off."""

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
