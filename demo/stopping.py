"""Stopping on a signal without leaving anything behind."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """The demo was asked to stop by a signal. Not an Exception: nothing may take it for an error."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.exit_code = 128 + signal_number


class _Shield:
    """How deep in shielded blocks the program is, and the signal that waits for their end."""

    depth = 0
    waiting: int | None = None


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into ``Stopped``; those that follow are ignored.

    So that an impatient second Ctrl-C doesn't cut short the stopping of what was started.
    """

    def stop(number: int, _frame: object) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        if _Shield.depth:
            _Shield.waiting = number
        else:
            raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_for_signal() -> None:
    """Wait until a signal says that it is over. Inside of ``stopping_on_signals``."""
    with suppress(Stopped):
        while True:
            time.sleep(3600)


@contextmanager
def shielded() -> Iterator[None]:
    """Let a signal wait until the end of the block: between making a thing and taking note of it."""
    _Shield.depth += 1
    try:
        yield
    finally:
        _Shield.depth -= 1
    if _Shield.waiting is not None and not _Shield.depth:
        number, _Shield.waiting = _Shield.waiting, None
        raise Stopped(number)


@contextmanager
def temporary_folder(prefix: str, suits: Callable[[Path], bool] = lambda _: True) -> Iterator[Path]:
    """Make a folder that only this user can enter, and remove it at the end of the block.

    Args:
        prefix: What its name begins with.
        suits: Whether a folder of this path will do; if not, one in ``/tmp`` is made.
    """
    folder: Path | None = None
    try:
        with shielded():
            folder = Path(tempfile.mkdtemp(prefix=prefix))
            if not suits(folder):
                folder.rmdir()
                folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
        yield folder
    finally:
        if folder is not None:
            with shielded():
                _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder, also one in which a process that is being killed makes a last file."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
