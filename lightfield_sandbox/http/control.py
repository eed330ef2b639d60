"""The controls under `/_sandbox`, for tests and demos. They need no key and are not limited."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

    from lightfield_sandbox.workspace import Workspace


def control_routes(workspace: Workspace) -> list[Route]:
    """The routes under `/_sandbox`."""

    async def stats(_: Request) -> Response:
        return JSONResponse(workspace.stats_json())

    async def reset(request: Request) -> Response:
        workspace.reset(data=bool((await _object(request)).get("data")))
        return JSONResponse(workspace.stats_json())

    async def set_faults(request: Request) -> Response:
        text = str((await _object(request)).get("faults", ""))
        try:
            with workspace.lock:
                workspace.faults.set(text)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"faults": text})

    async def keys(request: Request) -> Response:
        key = str((await _object(request)).get("revoke", ""))
        with workspace.lock:
            known = workspace.keys.revoke(key)
        return JSONResponse({"revoked": known}, 200 if known else 404)

    async def access(request: Request) -> Response:
        asked = await _object(request)
        try:
            workspace.set_access(*(str(asked.get(key)) for key in ("objectType", "id", "accessLevel")))
        except KeyError:
            return JSONResponse({"error": "no such record or access level"}, 404)
        return JSONResponse(asked)

    async def outreach(request: Request) -> Response:
        asked = await _object(request)
        try:
            changed = workspace.set_outreach(
                str(asked.get("kind")), dict(asked["set"]), str(asked.get("sequenceId") or "")
            )
        except (KeyError, TypeError, ValueError):
            return JSONResponse({"error": "no such kind, no id, or not the time of its list"}, 400)
        return JSONResponse(changed)

    return [
        Route("/_sandbox/stats", stats),
        Route("/_sandbox/reset", reset, methods=["POST"]),
        Route("/_sandbox/faults", set_faults, methods=["POST"]),
        Route("/_sandbox/keys", keys, methods=["POST"]),
        Route("/_sandbox/access", access, methods=["POST"]),
        Route("/_sandbox/outreach", outreach, methods=["POST"]),
    ]


async def _object(request: Request) -> dict[str, Any]:
    """The JSON object of a request's body; an empty one where the body is anything else."""
    try:
        document = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
