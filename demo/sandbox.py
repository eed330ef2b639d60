"""The stand-in Lightfield server of the demo, and what its API says is in it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from demo.processes import Command, running

COUNTS = {
    "accounts": 300,
    "contacts": 1500,
    "opportunities": 600,
    "tasks": 400,
    "notes": 400,
    "meetings": 200,
}
"""How many records of each kind the demo's workspace is made with."""

_PROGRAM = Path(sys.executable).with_name("lightfield-sandbox")


class SandboxFailed(Exception):
    """The sandbox did not start."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox.

    Attributes:
        url: Where its API is.
        key: An API key with full access, which is worth nothing anywhere else.
    """

    url: str
    key: str = field(repr=False)

    def total(self, collection: str) -> int:
        """Return the ``totalCount`` of a collection, as its list endpoint states it."""
        return int(self._get(f"v1/{collection}?limit=1")["totalCount"])

    def writes(self) -> dict[str, dict[str, int]]:
        """Return how many writes took effect, by object type and operation."""
        writes: dict[str, dict[str, int]] = self._get("_sandbox/stats")["writes"]
        return writes

    def _get(self, path: str) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False  # no proxy for an address of this machine
            headers = {"Authorization": f"Bearer {self.key}", "Lightfield-Version": "2026-03-01"}
            answer = session.get(f"{self.url}/{path}", headers=headers, timeout=30)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body


@contextmanager
def sandbox(log: Path, *options: str) -> Iterator[Sandbox]:
    """Run a sandbox on a free port of this machine for the length of the block.

    Args:
        log: The file for what it logs.
        options: Further options of ``lightfield-sandbox serve``.

    Raises:
        SandboxFailed: With the end of its log.
    """
    command: Command = [_PROGRAM, "serve", "--port", "0", *options]
    with (
        log.open("wb") as errors,
        running(command, stdout=subprocess.PIPE, stderr=errors, env={"PYTHONUNBUFFERED": "1"}) as process,
    ):
        url, key = _announced(process)
        if not url or not key:
            raise SandboxFailed(f"lightfield-sandbox did not start: {log.read_text()[-2000:]}")
        yield Sandbox(url, key)


def seed_options() -> list[str]:
    """Return the options that make the demo's workspace."""
    return [part for name, count in COUNTS.items() for part in (f"--{name}", str(count))]


def _announced(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return the URL and the full-access key that the sandbox prints at its start."""
    assert process.stdout is not None  # noqa: S101 - opened by the only caller
    url = key = ""
    for line in process.stdout:
        if found := re.search(r"http://\S+", line):
            url = url or found[0]
        if found := re.search(r"sk_lf_\w+", line):
            key = key or found[0]
        if url and key:
            break
    return url, key
