"""Loading another source's records through target-lightfield, and what became of them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.pipeline import REPOSITORY
from demo.processes import run_to_end
from demo.sandbox import Sandbox

EXAMPLE = REPOSITORY / "examples" / "harbor_crm.jsonl"
OF_EXAMPLE = {"TARGET_LIGHTFIELD_MAX_REJECTS": "1"}  # the one that the example has on purpose

_TARGET = Path(sys.executable).with_name("target-lightfield")
_SUMMARY = re.compile(
    r"\b(?P<stream>\w+): (?P<created>\d+) created, (?P<updated>\d+) updated, (?P<unchanged>\d+) unchanged, "
    r"(?P<rejected>\d+) rejected, (?P<waiting>\d+) waiting"
)
_OBJECT_TYPES = {
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
    "meetings": "meeting",
    "emails": "email",
    "members": "member",
    "object_subscription": "subscription",
}


class LoadFailed(Exception):
    """target-lightfield ended with an error."""


@dataclass(frozen=True)
class StreamOutcome:
    """What became of the records of one stream: the target's word beside the sandbox's."""

    stream: str
    created: int
    updated: int
    unchanged: int
    rejected: int
    waiting: int
    seen_creates: int
    seen_updates: int

    @property
    def agrees(self) -> bool:
        """Whether the sandbox saw the writes that the target claims.

        There are more where a new record took two: a link to one that came later, a meeting's summary.
        """
        return self.created == self.seen_creates and self.updated <= self.seen_updates


@dataclass(frozen=True)
class Reject:
    """A record that was refused, from the rejects file."""

    stream: str
    key: str
    message: str


@dataclass(frozen=True)
class Load:
    """One run of target-lightfield.

    Attributes:
        outcomes: What became of each stream's records.
        rejects: The records that were refused.
        writes: How many writes the sandbox saw in all, of whatever kind.
    """

    outcomes: list[StreamOutcome]
    rejects: list[Reject]
    writes: int

    @property
    def agrees(self) -> bool:
        """Whether the sandbox saw the writes that the target claims of each stream."""
        return all(outcome.agrees for outcome in self.outcomes)

    @property
    def claimed(self) -> int:
        """How many records the target says it has created or updated."""
        return sum(outcome.created + outcome.updated for outcome in self.outcomes)


def load(
    folder: Path, sandbox: Sandbox, name: str, feed: Path = EXAMPLE, settings: Mapping[str, str] = OF_EXAMPLE
) -> Load:
    """Load a feed into the sandbox.

    Args:
        folder: Where the id map is, kept from load to load, and this load's log and rejects.
        sandbox: Where the records go.
        name: What this load's files are called.
        feed: The file of Singer messages.
        settings: Further settings of the target, as variables.

    Raises:
        LoadFailed: With the end of the target's log.
    """
    log, rejects = folder / f"{name}.log", folder / f"{name}-rejects.jsonl"
    env = {
        "TARGET_LIGHTFIELD_API_KEY": sandbox.key,
        "TARGET_LIGHTFIELD_API_URL": sandbox.url,
        "TARGET_LIGHTFIELD_ID_MAP": f"sqlite:///{folder / 'id_map.db'}",
        "TARGET_LIGHTFIELD_REJECTS_PATH": str(rejects),
        **settings,
    }
    before = sandbox.writes()
    if run_to_end([_TARGET, "--config=ENV"], log=log, env=env, cwd=folder, stdin=feed):
        raise LoadFailed(f"target-lightfield failed. The end of its log:\n\n{log.read_text()[-3000:]}")
    after = sandbox.writes()
    return Load(_outcomes(log.read_text(), before, after), _rejects(rejects), _sum(after) - _sum(before))


def _sum(writes: Mapping[str, Mapping[str, int]]) -> int:
    return sum(sum(operations.values()) for operations in writes.values())


def _outcomes(
    log: str, before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]
) -> list[StreamOutcome]:
    """Read the target's summary lines, one a stream, and set the sandbox's counts beside them."""

    def seen(stream: str, operation: str) -> int:
        object_type = _OBJECT_TYPES[stream]
        return after.get(object_type, {}).get(operation, 0) - before.get(object_type, {}).get(operation, 0)

    return [
        StreamOutcome(
            stream=found["stream"],
            created=int(found["created"]),
            updated=int(found["updated"]),
            unchanged=int(found["unchanged"]),
            rejected=int(found["rejected"]),
            waiting=int(found["waiting"]),
            seen_creates=seen(found["stream"], "create"),
            seen_updates=seen(found["stream"], "update"),
        )
        for found in _SUMMARY.finditer(log)
    ]


def _rejects(path: Path) -> list[Reject]:
    if not path.exists():
        return []
    messages = [json.loads(line) for line in path.read_text().splitlines()]
    return [
        Reject(message["stream"], message["key"], message["message"])
        for message in messages
        if message["type"] == "RECORD"
    ]
