"""One request under `/v1`, from its arrival to its answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from lightfield_sandbox.endpoints.calls import Call, Endpoint
from lightfield_sandbox.http import connection
from lightfield_sandbox.limits import auth, faults
from lightfield_sandbox.schema.errors import FIELDS, RELATIONSHIPS, ApiError, bad_request, not_found
from lightfield_sandbox.schema.resources import READ, WRITE

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from lightfield_sandbox.store.answers import KeyScope
    from lightfield_sandbox.workspace import Workspace

VERSION = "2026-03-01"
_JSON = "application/json"


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes


class Exchange:
    """The ASGI application of one endpoint; with None, that of every path that does not exist."""

    def __init__(self, workspace: Workspace, endpoint: Endpoint | None) -> None:
        self._workspace = workspace
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or inject a fault."""
        workspace = self._workspace
        request = Request(scope, receive)
        category = self._endpoint.category if self._endpoint else READ if request.method == "GET" else WRITE
        with workspace.lock:
            workspace.stats.arrived(category)
            fault = workspace.faults.draw()
            if fault is not None:
                workspace.stats.faults[fault] += 1
        if fault in (faults.HANG, faults.RESET_BEFORE):
            self._count(category, "hang" if fault == faults.HANG else "reset")
            await (connection.hang(receive) if fault == faults.HANG else connection.reset(scope, receive))
            return
        answer, headers = await self._answer(request, category, fault)
        if fault == faults.RESET_AFTER:
            self._count(category, "reset")
            await connection.reset(scope, receive)
            return
        self._count(category, answer.status)
        if fault == faults.TRUNCATED:
            await connection.truncate(scope, receive, send, answer.status, answer.body, headers)
            return
        media_type = "text/html" if fault in faults.PAGES else _JSON
        await Response(answer.body, answer.status, headers, media_type)(scope, receive, send)

    def _count(self, category: str, status: int | str) -> None:
        with self._workspace.lock:
            self._workspace.stats.answered(category, status)

    async def _answer(
        self, request: Request, category: str, fault: str | None
    ) -> tuple[_Answer, dict[str, str]]:
        try:
            if fault in faults.STATUSES:
                raise ApiError(int(fault), "An injected fault.")
            if fault in faults.PAGES:
                answer = _Answer(
                    faults.PAGES[fault],
                    b"<!doctype html><title>Just a moment</title><h1>Checking your browser</h1>",
                )
            else:
                answer = await self._act(request, category)
        except ApiError as error:
            answer = _Answer(*error.shown(self._workspace.settings.refusals))
        with self._workspace.lock:
            headers = self._workspace.limit.headers(category)
        if answer.status == 429:
            headers["Retry-After"] = str(self._workspace.settings.retry_after)
        return answer, headers

    async def _act(self, request: Request, category: str) -> _Answer:
        workspace = self._workspace
        with workspace.lock:
            scopes = workspace.keys.scopes(request.headers.get("authorization"))
            if not workspace.limit.take(category):
                raise ApiError(429, "Too many requests.")
        if request.headers.get("lightfield-version") != VERSION:
            raise bad_request(f"The header Lightfield-Version has to be {VERSION}.", "version_header")
        if self._endpoint is None:
            raise not_found(f"{request.method} {request.url.path}")
        auth.require(scopes, self._endpoint.scopes)
        call = Call(
            workspace,
            scopes,
            dict(request.path_params),
            _query(request),
            await _body(request),
            str(request.base_url).rstrip("/"),
        )
        key = request.headers.get("idempotency-key")
        if key and self._endpoint.idempotent:
            return await self._once(self._endpoint, call, (*self._endpoint.idempotent, key))
        return await self._run(self._endpoint, call, None)

    async def _once(self, endpoint: Endpoint, call: Call, key: KeyScope) -> _Answer:
        workspace = self._workspace
        with workspace.lock:
            stored = workspace.idempotency.begin(key)
            if stored is not None:
                workspace.stats.replays += 1
                return _Answer(stored.status, stored.body)
        try:
            return await self._run(endpoint, call, key)
        finally:
            with workspace.lock:
                workspace.idempotency.end(key)

    async def _run(self, endpoint: Endpoint, call: Call, key: KeyScope | None) -> _Answer:
        workspace = self._workspace
        half = workspace.settings.latency_ms / 2000
        if half:
            await asyncio.sleep(half)
        try:
            with workspace.lock:
                workspace.storage.expire()
                answer = _Answer(200, _handled(endpoint, call))
                if key is not None:
                    workspace.idempotency.keep(key, answer.status, answer.body)
        finally:
            if half:
                await asyncio.sleep(half)
        return answer


def _handled(endpoint: Endpoint, call: Call) -> bytes:
    try:
        return endpoint.handle(call)
    except ApiError as error:
        if not call.body.keys() & {FIELDS, RELATIONSHIPS}:
            error.section = None  # this body has no sections: its keys stand at the top
        raise


def _query(request: Request) -> list[tuple[str, str]]:
    raw = request.scope["query_string"].decode("latin-1")
    try:
        return parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise bad_request("The query string can't be read.") from error


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        if (
            request.method == "POST"
            and request.headers.get("content-type", _JSON).partition(";")[0].strip() != _JSON
        ):
            raise ApiError(415, f"The body has to be {_JSON}.")
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise ApiError(415, f"The body has to be {_JSON}.")
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is no valid JSON.") from error
    if not isinstance(document, dict):
        raise bad_request("The body has to be a JSON object.", "invalid_type")
    return document


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
