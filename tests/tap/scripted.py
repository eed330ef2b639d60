"""A server that answers with what a test wrote, word for word: for answers that no sandbox gives."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

KEY = "sk_lf_scripted"


class Script:
    """The workspace that the server answers from; tests write into it.

    ``records`` are given newest first; ``unlisted`` ones can be retrieved, but no list shows them.
    ``content`` is what a path outside the API answers: status, headers and bytes. ``on_request`` is
    called with the path of every request, ``on_page`` with the collection and the offset before a page
    is cut, so that a test can change the workspace in the middle of a sweep. ``date`` is the ``Date``
    header, where the server's clock shall not be ours, ``retry_after`` the ``Retry-After`` header.
    """

    def __init__(self) -> None:
        self.url = ""
        self.scopes: list[str] = []
        self.fields: dict[str, Json] = {}
        self.relationships: dict[str, Json] = {}
        self.records: dict[str, list[Any]] = {}
        self.answers: dict[str, Any] = {}  # or what makes one of the query
        self.unlisted: dict[str, list[Any]] = {}
        self.objects: list[Json] = []
        self.content: dict[str, Callable[[], tuple[int, dict[str, str], bytes]]] = {}
        self.headers: list[tuple[str, dict[str, str]]] = []
        self.requests: list[str] = []
        self.date: str | None = None
        self.retry_after: str | None = None
        self.on_request: Any = lambda path: None
        self.on_answered: Any = lambda path: None
        self.on_page: Any = lambda collection, offset: None

    def config(self, **settings: Any) -> Json:
        return {"api_key": KEY, "api_url": self.url, **settings}

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        self.requests.append(path)
        self.on_request(path)
        if path in self.answers:
            answer = self.answers[path]
            return answer(query) if callable(answer) else answer
        collection = path.removeprefix("/v1/").partition("/")[0]
        if path == "/v1/auth/validate":
            return 200, {
                "active": True, "tokenType": "api_key", "subjectType": "user", "scopes": self.scopes
            }  # fmt: skip
        if path == "/v1/objects":
            return 200, {"data": self.objects}
        if collection == "objects":
            collection = path.split("/")[3]
        if path.endswith("/definitions"):
            return 200, {
                "objectType": collection,
                "fieldDefinitions": self.fields.get(collection, {}),
                "relationshipDefinitions": self.relationships.get(collection, {}),
            }
        if "offset" not in query:
            return self._retrieved(collection, path.rpartition("/")[2])
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        self.on_page(collection, offset)
        records = self.records.get(collection, [])
        return 200, {
            "object": "list", "data": records[offset : offset + limit], "totalCount": len(records)
        }  # fmt: skip

    def _retrieved(self, collection: str, record_id: str) -> tuple[int, Any]:
        for record in (*self.records.get(collection, ()), *self.unlisted.get(collection, ())):
            if record["id"] == record_id:
                return 200, record
        return 404, {"error": {"type": "not_found", "message": "there is none"}}

    def pages(self, collection: str) -> int:
        """How many pages of a list have been asked for."""
        return self.requests.count(f"/v1/{collection}")


def field(value_type: str, label: str = "A field", **configuration: Any) -> Json:
    return {
        "label": label, "description": None, "valueType": value_type, "typeConfiguration": configuration
    }  # fmt: skip


def record(number: int, updated: str | None = "2025-06-01T00:00:00.000Z", **parts: Any) -> Json:
    return {
        "id": f"rec_{number}",
        "createdAt": "2025-01-01T00:00:00.000Z",
        "updatedAt": updated,
        "externalId": None,
        "httpLink": None,
        "fields": {},
        "relationships": {},
        **parts,
    }


@contextmanager
def serving(script: Script) -> Iterator[Script]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: else each answer waits 40 ms for an ACK

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            script.headers.append((parts.path, dict(self.headers)))
            if parts.path in script.content:
                status, headers, data = script.content[parts.path]()
                self.send_response_only(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
                self.close_connection = True
                return
            status, body = script.answer(parts.path, parse_qs(parts.query))
            script.on_answered(parts.path)
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response_only(status)
            self.send_header("Date", script.date or self.date_time_string())
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-RateLimit-Limit", "100000")
            if script.retry_after:
                self.send_header("Retry-After", script.retry_after)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
