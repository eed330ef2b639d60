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


DOCUMENTED, BARE_KEYS, WITHOUT_PARAM = REFUSALS = ("documented", "bare-keys", "without-param")
FIELDS, RELATIONSHIPS = "fields", "relationships"

_PIPELINE_CODES = frozenset(("ambiguous_stage_label", "stage_unresolved_in_pipeline", "unknown_pipeline"))


class ApiError(Exception):
    """A request that is refused, and why.

    `param` is a key or the name of a parameter; `section` the part of a write's body that the key stands in;
    `is_rule` says that nothing is wrong with the write but what a business rule says of it.
    How these, the code and the status are shown to the client is up to `shown`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        section: str | None = None,
        is_rule: bool = False,
        error_type: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.section = section
        self._is_rule = is_rule
        self._type = error_type
        self._details = details

    def shown(self, refusals: str) -> tuple[int, bytes]:
        """Status and JSON document of the answer, in one of the shapes that `refusals` chooses between.

        The document is `{"error": {"type", "message", "code"?, "param"?, ...}}`.

        `documented`: `param` is a place such as `fields.$name`, codes come with 400 (those of pipelines with
        422, too), a 409 has neither code nor param, and a business rule is a 422 without code that names the
        place without its `$`. `without-param`: the same with no `param` at all. `bare-keys`: the key alone,
        and 422 with code for all that a write may not say.
        """
        status, code, param = self.status, self.code, self.param
        if refusals != BARE_KEYS:
            status, code, param = self._documented()
        if refusals == WITHOUT_PARAM:
            param = None
        error: dict[str, Any] = {"type": self._type or TYPES[status], "message": self.message}
        if code is not None:
            error["code"] = code
        if param is not None:
            error["param"] = param
        # ASCII: a message may quote lone surrogates that a client sent.
        return status, json.dumps({"error": {**error, **self._details}}).encode()

    def _documented(self) -> tuple[int, str | None, str | None]:
        place = f"{self.section}.{self.param}" if self.section and self.param else self.param
        if self.status == 409:
            return 409, self.code, None
        if self.status != 422 or self.code in _PIPELINE_CODES:
            return self.status, self.code, place
        if self._is_rule:
            return 422, None, place and place.replace(".$", ".")
        return (400 if self.code else 422), self.code, place


def bad_request(message: str, code: str | None = None, param: str | None = None, **details: Any) -> ApiError:
    """400: the request itself is malformed (body, query, header)."""
    return ApiError(400, message, code=code, param=param, **details)


def unprocessable(message: str, code: str, param: str | None = None, **details: Any) -> ApiError:
    """422: a well-formed write that the definitions or the workspace refuse, for one of its fields."""
    return ApiError(422, message, code=code, param=param, section=FIELDS, **details)


def unlinkable(message: str, code: str, param: str | None = None) -> ApiError:
    """422: the same for one of its relationships."""
    return ApiError(422, message, code=code, param=param, section=RELATIONSHIPS)


def against_rule(message: str, code: str, param: str | None = None, section: str = FIELDS) -> ApiError:
    """422: a write that fits the definitions, and breaks a business rule."""
    return ApiError(422, message, code=code, param=param, section=section, is_rule=True)


def taken(status: int, message: str, key: str) -> ApiError:
    """The refusal of a second holder of a unique value, with the status that the settings choose."""
    # A 400 always has a code; no document says which this one has.
    code = "duplicate_value" if status == 400 else None
    return ApiError(status, message, code=code, param=key, section=FIELDS)


def not_found(what: str) -> ApiError:
    """404: no such record, or no such path."""
    return ApiError(404, f"{what} was not found.")
