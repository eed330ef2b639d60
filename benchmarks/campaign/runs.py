"""Running the plugins as processes that can be killed, and judging what any run must fulfil."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.campaign.round import Round

Json = dict[str, Any]

PATIENCE = 150.0
"""Seconds after which a run counts as hanging: many times what one takes."""

_MEMORY = 3 << 30
_PEAK_MIB = 600
_TICK = 0.002
_COUNTS = re.compile(r"(?:^| )(\w[\w-]*): ((?:\d+ [\w ]+, )*\d+ [\w ]+)$")


@dataclass(frozen=True)
class Ended:
    """A run that is over. ``status`` is negative where a signal ended it, None where it had to be killed."""

    name: str
    status: int | None
    stdout: str
    log: str

    @cached_property
    def messages(self) -> list[Json]:
        """The whole lines that it wrote; one that a kill has torn is left out, as a target would."""
        return [json.loads(line) for line in self.stdout.splitlines(keepends=True) if line.endswith("\n")]

    @cached_property
    def state(self) -> Json | None:
        """The last state of a tap or target."""
        values = (m if self.name == "target-lightfield" else m.get("value")
                  for m in reversed(self.messages)
                  if self.name == "target-lightfield" or m["type"] == "STATE")  # fmt: skip
        return next(values, None)

    @property
    def errors(self) -> list[str]:
        """The lines of the log that say what went wrong."""
        return [line for line in self.log.splitlines() if " ERROR " in line or " CRITICAL " in line]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """What became of the rows, by stream, as the log says it."""
        found: dict[str, dict[str, int]] = {}
        for line in self.log.splitlines():
            if "created," in line and (said := _COUNTS.search(line)):
                parts = (part.split(" ", 1) for part in said[2].split(", "))
                found[said[1]] = {word: int(number) for number, word in parts}
        return found


class Process:
    """A run on its way, forked or started as the installed command."""

    def __init__(self, pid: int, poll: Callable[[], Json]) -> None:
        self.pid = pid
        self._poll = poll
        self._ended: Json | None = None

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        if self._ended is None and (answer := self._poll())["status"] is not None:
            self._ended = answer
        return self._ended["status"] if self._ended else None

    @property
    def peak_mib(self) -> float:
        """The most memory that it held; 0 where nobody knows."""
        return float((self._ended or {}).get("peak_mib", 0))

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait for its end, or for ``until``; return whether one of them came in time."""
        end = time.monotonic() + seconds
        while self.poll() is None and not until():
            if time.monotonic() > end:
                return False
            time.sleep(_TICK)
        return True


class _Zygote:
    """The process that forks the runs, started when the first one is asked for."""

    @cached_property
    def _process(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.campaign.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def ask(self, request: Json) -> Json:
        """Send a request and return the answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        answer: Json = json.loads(stdout.readline())
        return answer

    def close(self) -> None:
        """End it."""
        if "_process" in self.__dict__:
            self._process.communicate()
            del self.__dict__["_process"]


ZYGOTE = _Zygote()


class Plugin:
    """One of the two plugins in a round: its settings, and a folder that all its runs leave things in."""

    def __init__(self, round_: Round, name: str, folder: str, config: Json) -> None:
        self._round = round_
        self.name = name
        self.folder = round_.left / folder
        self.folder.mkdir(exist_ok=True)
        self._config = round_.folder / f"{folder}.json"  # it holds the key: not below what is searched
        self._config.write_text(json.dumps(config))
        self._runs = len(list(self.folder.glob("run-*.log")))

    def start(
        self, *arguments: str, feed: bytes = b"", installed: bool = False, config: Path | None = None
    ) -> Process:
        """Start a run, at DEBUG level.

        Args:
            arguments: Of the command line, beside ``--config``.
            feed: What it reads.
            installed: Start the installed command instead of a fork that has it loaded.
            config: Another file of settings.
        """
        self._runs += 1
        self._round.tally["runs"] += 1
        source = self._round.folder / "stdin"
        source.write_bytes(feed)
        for kind in ("out", "log"):
            self._path(kind).touch()
        paths = {"stdout": self._path("out"), "stderr": self._path("log"), "stdin": source}
        given = ["--config", str(config or self._config), *arguments]
        env = {k: v for k, v in os.environ.items() if "LIGHTFIELD" not in k} | {"LOGLEVEL": "DEBUG"}
        if not installed:
            request = {"start": self.name, "arguments": given, "cwd": str(self.folder), "env": env,
                       "memory": _MEMORY, **{k: str(v) for k, v in paths.items()}}  # fmt: skip
            pid = ZYGOTE.ask(request)["pid"]
            return Process(pid, lambda: ZYGOTE.ask({"poll": pid}))
        command = [str(Path(sys.executable).with_name(self.name)), *given]
        with source.open("rb") as i, paths["stdout"].open("ab") as o, paths["stderr"].open("ab") as e:
            started = subprocess.Popen(command, stdin=i, stdout=o, stderr=e, cwd=self.folder, env=env)
        return Process(started.pid, lambda: {"status": started.poll()})

    def finish(self, process: Process, *, seconds: float = PATIENCE) -> Ended:
        """Wait for the end of a run, and judge it: no hang, no traceback, no failure without a sentence."""
        in_time = process.wait(seconds)
        if not in_time:
            process.signal(signal.SIGKILL)
            process.wait(seconds)
        stdout, log = (self._path(kind).read_text(errors="replace") for kind in ("out", "log"))
        ended = Ended(self.name, process.poll() if in_time else None, stdout, log)
        if not in_time:
            last = log.strip().splitlines()[-1:] or ["nothing"]
            self._round.find(
                "hang", f"{self.name} had not ended after {seconds:.0f} s; its log ends: {last[0]}"
            )
        if "Traceback (most recent call last)" in log + stdout:
            said = [
                line for line in log.splitlines() if re.match(r"\w[\w.]*(Error|Exception|Interrupt)\b", line)
            ]
            self._round.find("traceback", f"{self.name}: {(said or ['?'])[-1][:300]}")
        elif ended.status is not None and ended.status > 0 and not ended.errors:
            self._round.find("wrong", f"{self.name} ended with {ended.status} and no error in its log")
        elif ended.status is not None and ended.status < 0 and ended.status not in (-9, -15):
            self._round.find("traceback", f"{self.name} was ended by signal {-ended.status}")
        if process.peak_mib > _PEAK_MIB:
            self._round.find("wrong", f"{self.name} held {process.peak_mib:.0f} MiB")
        return ended

    def run(
        self, *arguments: str, feed: bytes = b"", config: Path | None = None, seconds: float = PATIENCE
    ) -> Ended:
        """Run it to its end."""
        return self.finish(self.start(*arguments, feed=feed, config=config), seconds=seconds)

    def _path(self, kind: str) -> Path:
        return self.folder / f"run-{self._runs}.{kind}"


def lines(messages: Sequence[Json]) -> bytes:
    """Messages as a feed."""
    return "".join(f"{json.dumps(message)}\n" for message in messages).encode()


def rejects(plugin: Plugin) -> list[Json]:
    """The messages of a target's rejects file."""
    path = plugin.folder / "lightfield" / "lightfield_rejects.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
