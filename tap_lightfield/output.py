"""Standard output while the command runs: no write is left half done, and a failure is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

from tap_lightfield.errors import OutputLost


class Output:
    """Standard output, whose writes are never left half done and whose failures are a ``TapError``.

    Args:
        stream: Where the text goes; None if the process was started with standard output closed.

    Attributes:
        lost: Why it can't be written to any more, None while it can.
    """

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream
        self._is_writing = False
        self._then: Callable[[], None] | None = None
        self.lost: OutputLost | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write the text. Raises OutputLost."""
        written: int = self._whole("write", text)
        return written

    def flush(self) -> None:
        """Flush all that was written. Raises OutputLost."""
        self._whole("flush")

    def when_whole(self, then: Callable[[], None]) -> None:
        """Call a function between two writes: now, or as soon as the one under way is done.

        For a signal handler, which runs in the midst of whatever the thread does that writes.
        """
        if self._is_writing:
            self._then = then
        else:
            then()

    def _whole(self, action: str, *args: str) -> Any:
        self._is_writing = True
        try:
            if self._stream is None:
                raise OSError("it is closed")
            return getattr(self._stream, action)(*args)
        except OSError as e:
            self.lost = OutputLost(e.strerror or str(e))
            raise self.lost from e
        finally:
            self._is_writing = False
            then, self._then = self._then, None
            if then is not None:
                then()
