"""The errors of the API, and the shapes in which the sandbox shows them."""

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
    """A refused request. `shown` decides how the client sees it.

    Args:
        status: The HTTP status.
        message: What is wrong, for people.
        code: What is wrong, for programs.
        param: The parameter, header or key of a field that it is about.
        section: The section of a write's body that the key is in: `fields` or `relationships`.
        is_rule: Whether the write fits the definitions and only breaks a business rule.
        error_type: The `type` to show, if it is not the status's own.
        details: Further members of the error.
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
        """The status and the JSON of the answer: `{"error": {"type", "message", "code"?, "param"?, ...}}`.

        Args:
            refusals: The shape. `documented`: `param` is a place such as `fields.$name`; a code comes with
                400, for pipelines also with 422; a 409 has neither; a business rule is a 422 without code,
                and its place without the `$`. `without-param`: the same, with no `param` at all.
                `bare-keys`: `param` is the key alone, and what a write may not say is a 422 with code.
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
    """400: the body, the query or a header is malformed.

    Args:
        message: What is wrong.
        code: The code.
        param: The parameter, or the header.
        details: Further members of the error.
    """
    return ApiError(400, message, code=code, param=param, **details)


def unprocessable(message: str, code: str, param: str | None = None, **details: Any) -> ApiError:
    """422: the definitions or the workspace refuse a field of a well-formed write.

    Args:
        message: What is wrong.
        code: The code.
        param: The field's key.
        details: Further members of the error.
    """
    return ApiError(422, message, code=code, param=param, section=FIELDS, **details)


def unlinkable(message: str, code: str, param: str | None = None) -> ApiError:
    """422: the definitions or the workspace refuse a relationship of a well-formed write.

    Args:
        message: What is wrong.
        code: The code.
        param: The relationship's key.
    """
    return ApiError(422, message, code=code, param=param, section=RELATIONSHIPS)


def against_rule(message: str, code: str, param: str | None = None, section: str = FIELDS) -> ApiError:
    """422: a write that fits the definitions breaks a business rule.

    Args:
        message: Which rule, and how.
        code: The code, which only some shapes show.
        param: The key of the field or relationship.
        section: The section of the body that the key is in.
    """
    return ApiError(422, message, code=code, param=param, section=section, is_rule=True)


def taken(status: int, message: str, key: str) -> ApiError:
    """A unique value that another record has already.

    Args:
        status: 409, 422 or 400, as the settings say.
        message: What is taken.
        key: The field's key.
    """
    # A 400 always has a code. No document says which one this would be.
    code = "duplicate_value" if status == 400 else None
    return ApiError(status, message, code=code, param=key, section=FIELDS)


def not_found(what: str) -> ApiError:
    """404: no such record, or no such path."""
    return ApiError(404, f"{what} was not found.")
