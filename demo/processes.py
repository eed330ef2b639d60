"""Processes that the demo starts and is sure to stop, by their own ids."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from demo.stopping import shielded

Command = Sequence[str | Path]
"""A program and its arguments."""

_STOP_SECONDS = 10.0
_NOT_INHERITED = ("MELTANO_", "TAP_LIGHTFIELD_", "TARGET_LIGHTFIELD_", "TARGET_POSTGRES_")


@contextmanager
def running(
    command: Command,
    *,
    env: Mapping[str, str] | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a session of its own for the length of the block, then end all of it.

    In a session of its own a Ctrl-C at the terminal reaches only the demo, which then stops what it
    started in the right order.

    Args:
        command: The program and its arguments.
        env: Variables on top of this process's own, of which those that configure Meltano and the
            plugins are left out: the developer's keys and settings play no part here.
        stop_signal: What asks the program to end; after ten seconds it is killed.
        options: Passed to ``subprocess.Popen``.
    """
    process: subprocess.Popen[str] | None = None
    try:
        with shielded():
            process = subprocess.Popen(
                [str(part) for part in command],
                env={**_inherited(), **(env or {})},
                stdin=options.pop("stdin", subprocess.DEVNULL),
                start_new_session=True,
                text=True,
                **options,
            )
        yield process
    finally:
        if process is not None:
            with shielded():
                _end(process, stop_signal)


def run_to_end(
    command: Command,
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: Path | None = None,
    **options: Any,
) -> int:
    """Run a command to its end, its output into the log file, and return its exit code.

    Args:
        command: The program and its arguments.
        log: The file that gets standard output and standard error.
        env: Variables on top of this process's own.
        cwd: The working directory.
        stdin: A file for standard input; none by default.
        options: Passed to ``subprocess.Popen``.
    """
    with (
        log.open("wb") as output,
        (stdin or Path(os.devnull)).open("rb") as source,
        running(
            command, env=env, cwd=cwd, stdin=source, stdout=output, stderr=subprocess.STDOUT, **options
        ) as process,
    ):
        return process.wait()


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}


def _end(process: subprocess.Popen[str], stop_signal: signal.Signals) -> None:
    """End the process and whatever it started in its session."""
    if process.poll() is None:
        _signal_group(process.pid, stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    _signal_group(process.pid, signal.SIGKILL)  # also a grandchild that outlived its parent
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
