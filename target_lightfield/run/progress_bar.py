"""The bar on a terminal that shows how far a run is. The log's lines pass above it."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, TextIO

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from target_lightfield.run.how_far import Part

if TYPE_CHECKING:
    from typing_extensions import Never

_WITH_TOTAL = "{percentage:3.0f}%|{bar:20}| {desc}"
_WITHOUT = "{desc}{bar}"  # which is blank, and lets tqdm cut what is wider than the terminal


class TerminalBar:
    """A bar on a terminal.

    Args:
        terminal: Where it is drawn.

    Attributes:
        replaces_lines: Whether the whole log goes to that terminal.
    """

    def __init__(self, terminal: TextIO) -> None:
        handlers = logging.getLogger().handlers
        self.replaces_lines = all(getattr(handler, "stream", None) is terminal for handler in handlers)
        tqdm.monitor_interval = 0  # no thread of tqdm's own
        self._lock = threading.RLock()  # tqdm's own would need semaphores of the system, too
        tqdm.set_lock(self._lock)
        self._bar: tqdm[Never] = tqdm(
            file=terminal, dynamic_ncols=True, leave=False, bar_format=_WITHOUT, total=None
        )
        self._redirected = ExitStack()
        self._redirected.enter_context(logging_redirect_tqdm())

    def show(self, text: str, part: Part | None) -> None:
        """Show how far the run is."""
        with self._lock:
            self._bar.total = part.total if part else None
            self._bar.n = part.done if part else 0
            self._bar.bar_format = _WITH_TOTAL if part else _WITHOUT
            self._bar.set_description_str(text, refresh=False)
            self._bar.refresh(nolock=True)

    def aside(self) -> AbstractContextManager[None]:
        """Make room, for the length of a block, for something else that is written to the terminal."""
        context: AbstractContextManager[None] = tqdm.external_write_mode(file=sys.stdout)
        return context

    def close(self) -> None:
        """Take it away."""
        self._bar.close()
        self._redirected.close()


def terminal_bar(environment: Mapping[str, str] = os.environ) -> TerminalBar | None:
    """Return a bar on standard error; None if that is no terminal, or Meltano shows the log itself."""
    terminal = sys.stderr
    if terminal is None or not terminal.isatty() or "MELTANO_PROJECT_ROOT" in environment:
        return None
    return TerminalBar(terminal)
