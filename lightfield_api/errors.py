"""The errors that the Lightfield API answers with, and the one place that maps an answer to its error.

API pages: "Errors" and "Rate limits".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pendulum


class LightfieldError(Exception):
    """Anything that went wrong between the client and the API. The arguments are its attributes.

    Attributes:
        message: What happened, in the API's words where it gave any. Never holds the API key.
        status: The HTTP status, or None where no answer came.
        type: The API's ``error.type``, for example ``unprocessable_content``.
        code: The API's ``error.code``, for example ``unknown_field``.
        param: The field, relationship or parameter that the API names.
        body: The whole ``error`` object (for example ``candidates`` of an ambiguous stage label).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        type: str | None = None,  # noqa: A002 - the API's own name
        code: str | None = None,
        param: str | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.body: Mapping[str, Any] = body or {}

    def __str__(self) -> str:
        """Return the message, followed by what identifies the error."""
        known = {"status": self.status, "type": self.type, "code": self.code, "param": self.param}
        detail = ", ".join(f"{name} {value}" for name, value in known.items() if value is not None)
        return f"{self.message} ({detail})" if detail else self.message


class BadRequest(LightfieldError):
    """400: the request is malformed; see ``code`` and ``param``."""


class Unauthorized(LightfieldError):
    """401: the API key is missing, wrong or revoked."""


class Forbidden(LightfieldError):
    """403: the key lacks a scope."""


class NotFound(LightfieldError):
    """404: there is no such record, or this key may not see it."""


class Conflict(LightfieldError):
    """409: the write clashes with what is there, for example a unique value."""


class IdempotencyConflict(Conflict):
    """409 ``idempotency_conflict``: the same Idempotency-Key is still in flight. Worth a retry."""


class UnsupportedMediaType(LightfieldError):
    """415: the body was not sent as JSON."""


class Unprocessable(LightfieldError):
    """422: the request was understood and refused; see ``code`` and ``param``."""


class TooManyRequests(LightfieldError):
    """429: the budget of the category is used up. ``retry_after`` is in seconds, None if not said."""

    retry_after: float | None = None


class PauseTooLong(TooManyRequests):
    """The server asks for a longer pause than a request waits, by a 429 or a 5xx. Nothing is sent until then.

    Args:
        who: Who asks for it, as the sentence's subject.
        seconds: How many seconds of it are left.
        patience: How many seconds are waited at most.
    """

    def __init__(self, who: str, seconds: float, patience: float) -> None:
        super().__init__(
            f"{who} asks for a pause {_until(seconds)}, longer than the {patience:g} s that are waited for: "
            "try again then"
        )
        self.retry_after = seconds


def _until(seconds: float) -> str:
    try:
        end = pendulum.now("UTC").add(seconds=seconds + 1)  # rounded up
    except OverflowError:
        return "of thousands of years"
    return f"until {end:%Y-%m-%d %H:%M:%S} UTC"


class ServerError(LightfieldError):
    """5xx: Lightfield, or a proxy in front of it, failed. ``retry_after`` as in TooManyRequests."""

    retry_after: float | None = None


class NoAnswer(LightfieldError):
    """The connection failed, broke off, or the answer took too long. A write may have been done."""


class OutOfReach(NoAnswer):
    """No connection could be made, and none ever was: the URL, the network or a proxy may be wrong."""


class UnexpectedAnswer(LightfieldError):
    """An answer that is not what the API documents: a redirect, no JSON, or JSON of another shape.

    So is a refusal without a ``type`` or ``code``, such as a proxy's page: it says nothing of a record.
    """


_BY_STATUS: dict[int, type[LightfieldError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    415: UnsupportedMediaType,
    422: Unprocessable,
    429: TooManyRequests,
}

_BY_ANYBODY = frozenset({401, 429})
"""Statuses taken at their word whoever answers: nothing is concluded from them but to stop or to wait."""

_TEXT_LIMIT = 500  # characters, so that a log line stays readable


def error_from_answer(status: int, body: object, *, retry_after: float | None = None) -> LightfieldError:
    """Return the error for an answer that is not a success.

    Args:
        status: The HTTP status.
        body: The decoded JSON body, or the raw text where it was no JSON.
        retry_after: The ``Retry-After`` header in seconds, if there was one.
    """
    error = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        error = {}
    kind, code = _text(error.get("type")), _text(error.get("code"))
    cls = _class_for(status, kind, code)
    message = _text(error.get("message")) or f"The API answered with HTTP status {status}"
    if cls is UnexpectedAnswer and status in _BY_STATUS:
        message += ", which is not Lightfield's own error: api_url or a proxy before it may be at fault"
    result = cls(
        message,
        status=status,
        type=kind,
        code=code,
        param=_text(error.get("param")),
        body=error,
    )
    if isinstance(result, (TooManyRequests, ServerError)):
        result.retry_after = retry_after
    return result


def _class_for(status: int, kind: str | None, code: str | None) -> type[LightfieldError]:
    if status == 409 and "idempotency_conflict" in (kind, code):
        return IdempotencyConflict
    if status >= 500:
        return ServerError
    if 200 <= status < 400:
        return UnexpectedAnswer
    cls = _BY_STATUS.get(status, LightfieldError)
    return cls if status in _BY_ANYBODY or _is_own(cls, kind, code) else UnexpectedAnswer


def _is_own(cls: type[LightfieldError], kind: str | None, code: str | None) -> bool:
    """Whether an error is Lightfield's own: it has a type or a code, and one of them says what a 404 means.

    A proxy or a load balancer has the same statuses for its own troubles. Taken for Lightfield's, a 404
    would mean that a record is gone, and it would be created a second time.
    """
    words = [word for word in (kind, code) if word]
    if cls is NotFound:
        return any("not_found" in word for word in words)  # ``draft_not_found`` among them
    return bool(words) or cls is LightfieldError


def _text(value: object) -> str | None:
    return value[:_TEXT_LIMIT] if isinstance(value, str) and value else None
