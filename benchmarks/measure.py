"""Running a command against a sandbox, and what that took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Server:
    """A sandbox in a process of its own."""

    url: str
    key: str

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_sandbox/stats") as answer:
            return dict(json.load(answer))

    def reset(self) -> None:
        request = urllib.request.Request(f"{self.url}/_sandbox/reset", data=b"{}", method="POST")
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request).close()


@contextmanager
def sandbox(**options: object) -> Iterator[Server]:
    """Start ``lightfield-sandbox serve`` with these options, and end it."""
    command = [sys.executable, "-m", "lightfield_sandbox", "serve", "--port", "0"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1]
            key = server.stdout.readline().split()[2]
            yield Server(url, key)
        finally:
            server.terminate()


@dataclass(frozen=True)
class Taken:
    """What a command took. ``calls`` and ``refused`` are those of the category that it is about.

    ``seconds`` are those of the whole command, ``busy_seconds`` without its start: from the first line
    that it prints, which a Singer tap does when it begins to read; of a command that prints none, from the
    first answer of that category that the server has counted, looked for ten times a second.
    """

    seconds: float
    busy_seconds: float
    cpu_seconds: float
    peak_mib: float
    calls: int
    refused: int
    lines: int

    @property
    def calls_per_second(self) -> float:
        return self.calls / self.busy_seconds

    def as_json(self) -> dict[str, float]:
        return asdict(self) | {"calls_per_second": self.calls_per_second}


def run(command: list[str], server: Server, *, category: str, stdin: Path | None = None) -> Taken:
    """Run a command to its end, count what it prints and what it asks the server for.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    server.reset()
    began = time.monotonic()
    with (stdin or Path(os.devnull)).open() as source:
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        first: list[float] = []
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(server, category, first, over))
        watcher.start()
        printed = None
        lines = 0
        for _ in process.stdout:
            printed = printed or time.monotonic()
            lines += 1
        _, status, usage = os.wait4(process.pid, 0)
    ended = time.monotonic()
    over.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    answers = server.stats()["requests"].get(category, {})
    return Taken(
        ended - began,
        ended - (printed or (first[0] if first else began)),
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        sum(answers.values()),
        answers.get("429", 0),
        lines,
    )


def _watch(server: Server, category: str, first: list[float], over: threading.Event) -> None:
    """Note when the server has counted the first answer of a category."""
    while not first and not over.wait(0.1):
        if server.stats()["requests"].get(category):
            first.append(time.monotonic())


def table(title: str, rows: list[dict[str, object]]) -> None:
    """Print rows of the same columns as a table."""
    print(f"\n{title}\n")
    names = list(rows[0])
    cells = [names, *[[_cell(row[name]) for name in names] for row in rows]]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    for line in cells:
        print(
            "  "
            + "  ".join(
                text.rjust(width) if i else text.ljust(width)
                for i, (text, width) in enumerate(zip(line, widths, strict=True))
            )
        )


def _cell(value: object) -> str:
    return (
        f"{value:,.2f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
