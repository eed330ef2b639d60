"""The error envelope of the API and every way in which the sandbox refuses a request."""

from __future__ import annotations

import json
from typing import Any

TYPES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    415: "unsupported_media_type",
    422: "unprocessable_content",
    429: "too_many_requests",
    500: "internal_server_error",
    502: "bad_gateway",
    503: "service_unavailable",
    504: "gateway_timeout",
}


class ApiError(Exception):
    """A refusal, as the client sees it: `{"error": {"type", "message", "code"?, "param"?, ...}}`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        error_type: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"type": error_type or TYPES[status], "message": message}
        if code is not None:
            self.error["code"] = code
        if param is not None:
            self.error["param"] = param
        self.error.update(details)

    def body(self) -> bytes:
        """The JSON document that the client receives."""
        # ASCII: a message may quote lone surrogates that a client sent.
        return json.dumps({"error": self.error}).encode()


def bad_request(message: str, code: str | None = None, param: str | None = None, **details: Any) -> ApiError:
    """400: the request itself is malformed (body, query, header)."""
    return ApiError(400, message, code=code, param=param, **details)


def unprocessable(message: str, code: str, param: str | None = None, **details: Any) -> ApiError:
    """422: a well-formed write that the definitions or the workspace refuse."""
    return ApiError(422, message, code=code, param=param, **details)


def not_found(what: str) -> ApiError:
    """404: no such record, or no such path."""
    return ApiError(404, f"{what} was not found.")
