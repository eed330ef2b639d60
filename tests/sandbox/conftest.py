"""Clients of the sandbox under test: raw HTTP, and the official SDK with strict validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests
from lightfield import Lightfield

from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION = "2026-03-01"


@dataclass
class Reply:
    status: int
    body: Any
    headers: Any

    @property
    def error(self) -> tuple[int, str, str | None, str | None]:
        """Status, type, code and param: all that a client may branch on."""
        found = self.body["error"]
        assert isinstance(found["message"], str)
        assert found["message"]
        return self.status, found["type"], found.get("code"), found.get("param")


class Api:
    """Sends requests as they are asked for, right or wrong."""

    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self.sandbox = sandbox
        self.headers = {"Authorization": f"Bearer {key}", "Lightfield-Version": VERSION}
        self._session = requests.Session()

    def call(self, method: str, path: str, body: Any = None, **headers: str | None) -> Reply:
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**self.headers, **changed}.items() if value is not None}
        options: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
        reply = self._session.request(method, self.sandbox.url + path, headers=sent, timeout=300, **options)
        return Reply(reply.status_code, reply.json(), reply.headers)

    def get(self, path: str, **headers: str | None) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str | None) -> Reply:
        return self.call("POST", path, {} if body is None else body, **headers)

    def create(self, path: str, fields: dict[str, Any], **relationships: Any) -> dict[str, Any]:
        reply = self.post(path, {"fields": fields, "relationships": _keys(relationships)})
        assert reply.status == 200, reply.body
        created: dict[str, Any] = reply.body
        return created

    def update(self, path: str, fields: dict[str, Any] | None = None, **relationships: Any) -> Reply:
        return self.post(path, {"fields": fields or {}, "relationships": _keys(relationships)})

    def close(self) -> None:
        self._session.close()


def _keys(relationships: dict[str, Any]) -> dict[str, Any]:
    # `$account` can't be a keyword argument: a leading underscore stands for the dollar sign.
    return {key.replace("_", "$", 1) if key[0] == "_" else key: value for key, value in relationships.items()}


@pytest.fixture
def connect() -> Iterator[Callable[..., Api]]:
    """A raw client of a sandbox, with its full-access key unless another is given."""
    opened: list[Api] = []

    def open_api(sandbox: Sandbox, key: str | None = None) -> Api:
        opened.append(Api(sandbox, key or sandbox.key))
        return opened[-1]

    yield open_api
    for api in opened:
        api.close()


@pytest.fixture
def api(sandbox: Sandbox, connect: Callable[..., Api]) -> Api:
    """A raw client of the default workspace."""
    return connect(sandbox)


@pytest.fixture(scope="module")
def steady() -> Iterator[Api]:
    """A raw client of a workspace that a module shares: for requests that change nothing."""
    with Sandbox(Settings(rate_limit=0)) as shared:
        client = Api(shared, shared.key)
        yield client
        client.close()


@pytest.fixture
def sdk(sandbox: Sandbox) -> Iterator[Lightfield]:
    """The official SDK on the default workspace: strict about what it is sent, and never retrying."""
    with Lightfield(
        api_key=sandbox.key, base_url=sandbox.url, max_retries=0, _strict_response_validation=True
    ) as client:
        yield client
