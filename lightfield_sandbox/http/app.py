"""The Starlette application of one workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from lightfield_sandbox.endpoints.table import endpoints
from lightfield_sandbox.http.connection import ExposeTransport
from lightfield_sandbox.http.control import control_routes
from lightfield_sandbox.http.exchange import Exchange
from lightfield_sandbox.http.storage import storage_routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from lightfield_sandbox.workspace import Workspace


def make_app(workspace: Workspace) -> ASGIApp:
    """The API under `/v1`, the storage under `/_files` and the controls under `/_sandbox`."""
    by_path: dict[str, dict[str, Exchange]] = {}
    for endpoint in endpoints(custom_objects=workspace.settings.custom_objects):
        by_path.setdefault(endpoint.path, {})[endpoint.method] = Exchange(workspace, endpoint)
    missing = Exchange(workspace, None)
    routes = [Route(path, _ByMethod(methods, missing), methods=None) for path, methods in by_path.items()]
    app = Starlette(routes=[*routes, *control_routes(workspace), *storage_routes(workspace)])
    app.router.redirect_slashes = False
    app.router.default = missing
    return ExposeTransport(app)


class _ByMethod:
    """Routes a path's requests by method; as the API does, it answers 404 to other methods, not 405."""

    def __init__(self, exchanges: dict[str, Exchange], missing: Exchange) -> None:
        self._exchanges = exchanges
        self._missing = missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._exchanges.get(scope["method"], self._missing)(scope, receive, send)
