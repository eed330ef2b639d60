"""What ends a run, said in one sentence."""

from __future__ import annotations

import logging
from typing import IO, Any

import click

from lightfield_api.errors import Forbidden, LightfieldError, Unauthorized


class TargetError(click.ClickException):
    """The run can't go on. The command line logs the sentence and exits 1, without a traceback."""

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - the log goes where logs go
        """Log the sentence."""
        logging.getLogger("target-lightfield").error("%s", self.message)


def reason_of(error: OSError | ValueError) -> str:
    """Return why a file can't be used: what the system says, or what of its name no file can have."""
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


def api_failure(doing: str, error: LightfieldError) -> TargetError:
    """Return the error for an answer of the API that is not about one record.

    Args:
        doing: What was being done, for example ``checking the API key``.
        error: The API's answer, or that there was none.
    """
    advice = {
        Unauthorized: "The API key is wrong or was revoked: set api_key to a valid one.",
        Forbidden: "Grant the API key the missing scope.",
    }.get(type(error), "Run it again: what was written is known and is not written twice.")
    return TargetError(f"Lightfield failed while {doing}: {error}. {advice}")
