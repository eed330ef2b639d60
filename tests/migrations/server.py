"""What the stand-ins for other CRMs are served by: JSON over HTTP on loopback, while a ``with`` lasts."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class NotThere(Exception):
    """A stand-in has no such resource, or the CRM would refuse the request."""


class JsonHandler(BaseHTTPRequestHandler):
    """Reads what is asked, and sends what is found: a stand-in says what with ``get`` and ``post``."""

    def do_GET(self) -> None:
        self.get()

    def do_POST(self) -> None:
        self.post()

    def get(self) -> None:
        """Answer a GET."""
        self.send(405, {})

    def post(self) -> None:
        """Answer a POST."""
        self.send(405, {})

    @property
    def asked_path(self) -> str:
        """The path, without the query."""
        return urlsplit(self.path).path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of one that is there twice the first."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def body(self) -> bytes:
        """Return what the request brings."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def send(self, status: int, found: Any, headers: Mapping[str, str] | None = None) -> None:
        """Answer."""
        content = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing of a request."""


class JsonServer:
    """A server of what a handler answers: ``with JsonServer(handler) as server: server.url``."""

    def __init__(self, handler: type[JsonHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> JsonServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
