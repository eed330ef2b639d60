"""Why a record can't be written."""

from __future__ import annotations

from lightfield_api.errors import LightfieldError


class Rejection(Exception):
    """A record that can't be written, and why.

    Attributes:
        message: What is wrong and what to do, without the record's values.
        code: The API's code where it refused, else one of ours.
        param: The column, field or relationship at fault, or None.
    """

    def __init__(self, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param


def refused(error: LightfieldError, param: str | None) -> Rejection:
    """Return the rejection of a record that the API refuses.

    Args:
        error: The API's answer.
        param: The column at fault, or None.
    """
    code = error.code or error.type or str(error.status)
    return Rejection(f"Lightfield refused it: {error.message}", code=code, param=param)
