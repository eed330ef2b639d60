"""Running the demo as a person does, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import psutil

from demo.pipeline import REPOSITORY

_MARK = "LIGHTFIELD_DEMO_RUN"


class DemoRun:
    """A `python -m demo` as a terminal starts it: in a process group of its own, its output a stream."""

    def __init__(self, temporary: Path, *arguments: str) -> None:
        self._mark = str(uuid.uuid4())
        env = {**os.environ, _MARK: self._mark, "TMPDIR": str(temporary), "COLUMNS": "140"}
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "demo", *arguments],
            cwd=REPOSITORY,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def wait_for(self, text: str, seconds: float = 900) -> None:
        """Wait until the demo has shown a text."""
        end = time.monotonic() + seconds
        while text not in self.output:
            assert self._process.poll() is None, f"The demo ended without {text!r}:\n{self.output}"
            assert time.monotonic() < end, f"No {text!r} in {seconds} s:\n{self.output}"
            time.sleep(0.02)

    def signal(self, number: signal.Signals, *, group: bool) -> None:
        """Send a signal, to the whole process group as Ctrl-C does, or to the demo alone as kill does."""
        if group:
            os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)

    def wait(self, seconds: float = 900) -> int:
        """Wait for the end and return the exit code."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGTERM)
            raise
        self._reader.join(300)
        return code

    def table(self, title: str) -> list[list[str]]:
        """Return the rows of a table that was shown, without its heading."""
        after = self.output.split(title, 1)[1].split("───", 1)[1].splitlines()[1:]
        rows = []
        for line in after:
            if not line.strip():
                break
            rows.append(re.split(r"\s{2,}", line.strip()))
        return rows

    def processes_left(self) -> list[str]:
        """Return the command lines of processes that this run started and that still live."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(_MARK) == self._mark:
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)
