"""The command ``tap-lightfield``: how its process ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, NoReturn

from singer_sdk.plugin_base import SingerCommand

from tap_lightfield.errors import Interrupted, OutputLost, TapError
from tap_lightfield.output import Output

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_FAILED = 1


class TapCommand(SingerCommand):
    """The SDK's command, but at a signal, or when nobody reads its output, it ends at once with one sentence.

    The SDK's own writes a state in the midst of a stream, waits for every thread, and ends with status 0.
    """

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command, which ends with SystemExit as click's commands do."""
        with _taken_over() as output:
            try:
                return super().main(*args, **extra)
            except SystemExit:
                if output.lost is None:
                    try:
                        output.flush()  # when Python closes it at exit, it would fail with a traceback
                    except OutputLost as e:
                        e.show()
                if output.lost is not None:
                    _end()
                raise


@contextmanager
def _taken_over() -> Iterator[Output]:
    """Replace standard output and the signal handlers while the command runs."""
    stdout, output = sys.stdout, Output(sys.stdout)
    signals = _SIGNALS if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, partial(_interrupt, output)) for number in signals}
    sys.stdout = output
    try:
        yield output
    finally:
        sys.stdout = stdout
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(output: Output, number: int, _: FrameType | None) -> None:
    """End the run between two messages, without a state: the last one written has all that was finished."""
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_DFL)  # a second signal kills
    output.when_whole(partial(_end_interrupted, output, Interrupted(signal.Signals(number).name)))


def _end_interrupted(output: Output, error: TapError) -> NoReturn:
    try:
        with suppress(OutputLost):
            output.flush()  # the buffer may have let half a line through
        error.show()
    finally:
        _end()


def _end() -> NoReturn:
    """End the process without its threads, which may wait for an answer or the rate limit for minutes."""
    try:
        logging.shutdown()
    finally:
        os._exit(_FAILED)
