"""What ends a run, as one sentence that says what happened and what to do."""

from __future__ import annotations

import logging
from typing import IO, Any

import click

from lightfield_api.errors import (
    Forbidden,
    LightfieldError,
    NoAnswer,
    PauseTooLong,
    ServerError,
    TooManyRequests,
    Unauthorized,
)

PLUGIN_NAME = "tap-lightfield"

_KEY_REFUSED = (
    "Lightfield refused the API key: it is wrong or revoked. Create one under Settings → API keys "
    "and set TAP_LIGHTFIELD_API_KEY."
)


class TapError(click.ClickException):
    """An error that the user can act on: one ERROR line in the log, no traceback, exit code 1.

    Click ends the command with it wherever it is raised: in the callback of ``--discover`` or in a sync.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))  # a server's message may have many lines

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Log the sentence, so that it has the format of every other line."""
        logging.getLogger(PLUGIN_NAME).error("%s", self.message)


class ConfigError(TapError):
    """A setting, the catalog or the state can't be used as it is."""


class Interrupted(TapError):
    """A signal has ended the run."""

    def __init__(self, signal_name: str) -> None:
        super().__init__(
            f"Interrupted by {signal_name}: what was being read is not finished, and the last state does not "
            "speak of it. Run again to go on from there."
        )


class OutputLost(TapError):
    """Standard output takes nothing more."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Standard output can't be written to: {reason}. Where a target reads it, look into the target's "
            "log for why it has ended; then run again."
        )


class MissingScope(TapError):
    """A stream is selected that the API key may not read.

    Args:
        stream: The stream.
        scope: The scope that the key lacks.
        needed_for: The setting that asks for it, if it is not the stream itself.
    """

    def __init__(self, stream: str, scope: str, *, needed_for: str = "") -> None:
        super().__init__(
            f"Stream '{stream}' is selected but the API key lacks the scope {scope}"
            + (f", which {needed_for} needs: grant it, " if needed_for else ": grant it ")
            + "or deselect the stream"
            + (f", or set {needed_for} to false." if needed_for else ".")
        )


class DiscoveryFailed(TapError):
    """Lightfield did not say what the key may read and what there is."""

    def __init__(self, error: LightfieldError, api_url: str) -> None:
        if isinstance(error, Unauthorized):
            message = _KEY_REFUSED
        elif isinstance(error, PauseTooLong):
            message = f"{error}."
        elif isinstance(error, (NoAnswer, ServerError, TooManyRequests)):
            message = f"Lightfield can't be reached at {api_url}: {error}. Check api_url or try again later."
        elif isinstance(error, Forbidden):
            message = f"Lightfield refuses this API key: {error}. Check the key's scopes."
        else:
            message = f"The answer from {api_url} is not Lightfield's: {error}. Check api_url."
        super().__init__(message)


class StreamStopped(TapError):
    """A stream could not be read to its end.

    Args:
        stream: The stream.
        scope: The scopes that it needs.
        error: What went wrong.
        has_bookmark: Whether the next run goes on from a bookmark; else it reads the stream anew.
    """

    def __init__(self, stream: str, scope: str, error: LightfieldError, *, has_bookmark: bool) -> None:
        if isinstance(error, Unauthorized):
            reason = _KEY_REFUSED
        elif isinstance(error, Forbidden):
            reason = f"the API key lacks the scope {scope}: grant it or deselect the stream."
        else:
            reason = f"{error}. " + (
                "Its bookmark has not moved: run again to go on from there."
                if has_bookmark
                else "It has no bookmark: run again to read it anew."
            )
        super().__init__(f"Stream '{stream}' stopped: {reason}")


class UnreadableValue(TapError):
    """A value is of a type that its column can't hold.

    Args:
        stream: The stream.
        record_id: The record's id.
        column: The column.
        reason: What is wrong, without the value.
    """

    def __init__(self, stream: str, record_id: str, column: str, reason: str) -> None:
        super().__init__(
            f"Stream '{stream}', record {record_id}: {reason}. "
            f"Correct the record in Lightfield or deselect the column '{column}'."
        )
