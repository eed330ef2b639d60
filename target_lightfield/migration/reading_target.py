"""The target as the commands use it: its settings, and its way to read a feed; nothing of it is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any

import click
from singer_sdk.plugin_base import _ConfigInput

from target_lightfield.errors import TargetError, reason_of
from target_lightfield.target import TargetLightfield

_NOBODY = {"api_key": "none"}  # where no workspace is asked


def _config(context: click.Context, option: click.Option, value: tuple[str, ...]) -> _ConfigInput | None:
    return TargetLightfield.cb_config(context, option, value) if value else None


config_option: Callable[[Any], Any] = click.option(
    "--config",
    multiple=True,
    callback=_config,
    metavar="FILE|ENV",
    help="The settings of target-lightfield: a JSON file, or ENV for the environment. Can be given twice.",
)


def feed_option(**options: Any) -> Callable[[Any], Any]:
    """Return the option that names a recorded feed."""
    return click.option(
        "--feed",
        metavar="FILE",
        help="A recorded feed, as the tap writes it: one Singer message a line. - is standard input.",
        **options,
    )


class ReadingTarget(TargetLightfield):
    """Reads a feed as the target does, stream maps and all, and writes nothing.

    Args:
        config: What ``--config`` says; None where it was not given: then no workspace is asked.

    Attributes:
        has_workspace: Whether there is one to ask.

    Raises:
        TargetError: The settings can't be used.
    """

    def __init__(self, config: _ConfigInput | None) -> None:
        self.has_workspace = config is not None
        given = config or _ConfigInput(config=dict(_NOBODY))
        super().__init__(config=given.config, parse_env_config=given.parse_env)

    def read(self, path: str) -> None:
        """Read a feed to its end.

        Args:
            path: The file; ``-`` is standard input.

        Raises:
            TargetError: It can't be read, or is no Singer feed.
        """
        with _opened(path) as lines:
            self.listen(lines)

    def process_endofpipe(self) -> None:
        """Do nothing: there is nothing to be finished."""

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        """Pass over a state: nothing that comes before it is written."""

    def _setup_signal_handlers(self) -> None:
        """Let a signal end the command, as it ends any other."""


def _opened(path: str) -> AbstractContextManager[IO[str]]:
    try:
        return nullcontext(sys.stdin) if path == "-" else Path(path).open(encoding="utf-8")
    except (OSError, ValueError) as e:
        raise TargetError(f"The feed {path} can't be read: {reason_of(e)}.") from None
