"""What a sandbox is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lightfield_sandbox.schema.errors import DOCUMENTED, REFUSALS
from lightfield_sandbox.schema.resources import CUSTOM_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEMORY = ":memory:"
NOT_FOUND, SURVIVOR = MERGED_ANSWERS = ("not-found", "survivor")
BOTH, WRITTEN = LINKS_MOVE = ("both", "written")
UNIQUE_STATUSES = (409, 422, 400)

DEFAULT_COUNTS = {
    "account": 60,
    "contact": 240,
    "opportunity": 100,
    "task": 80,
    "note": 80,
    "meeting": 40,
    "member": 8,
    "email": 60,
    "message": 30,
    "channel": 4,
    "list": 6,
    "file": 12,
    **dict.fromkeys(CUSTOM_TYPES, 20),
    "sender": 3,
    "sequence": 4,
    "enrollment": 60,
}
DEFAULT_TRASHED = 3


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen when a sandbox is started.

    Attributes:
        seed: What ids, keys, records and faults are derived from.
        empty: Seed members and definitions only; types named in `counts` are seeded all the same.
        counts: How many records to seed, by object type; a type left out takes its default, or 0 where
            `empty`.
        trashed: How many trashed records to seed of each type whose trash can be listed, in addition to
            `counts`; None for the default.
        custom_objects: Whether the plan has custom objects.
        url_seconds: How long signed URLs and upload sessions last.
        rate_limit: Requests a second in each category, 0 for no limit.
        retry_after: The seconds that a 429 asks to wait.
        latency_ms: Milliseconds that each request takes.
        index_lag: Seconds by which lists trail behind writes.
        faults: The faults to inject, for example `429:0.02,reset:0.005`.
        keys: The scopes of further API keys, by the name of the key.
        unique_status: The status that refuses a unique value which another record has: 409, 422 or 400.
        refusals: The shape of refusals: `documented`, `bare-keys` or `without-param`.
        readonly_markdown: Whether generated texts have the valueType READONLY_MARKDOWN, which the official
            SDK does not know.
        links_move: Which records get a new `updatedAt` when a link changes: `both` ends, or only the one
            that is `written`.
        merged_answer: What a GET of a record that was merged into another answers: `not-found` (404), or the
            `survivor`.
        data: The SQLite file that keeps the workspace, or `:memory:`.
        host: The address to listen on.
        port: The port to listen on, 0 for a free one.
    """

    seed: int = 1
    empty: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    trashed: int | None = None
    custom_objects: bool = True
    url_seconds: float = 900
    rate_limit: int = 25
    retry_after: int = 1
    latency_ms: float = 0
    index_lag: float = 0
    faults: str = ""
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unique_status: int = 409
    refusals: str = DOCUMENTED
    readonly_markdown: bool = False
    links_move: str = BOTH
    merged_answer: str = NOT_FOUND
    data: str = MEMORY
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        if self.unique_status not in UNIQUE_STATUSES:
            raise ValueError(f"unique_status is one of {', '.join(map(str, UNIQUE_STATUSES))}")
        if self.refusals not in REFUSALS:
            raise ValueError(f"refusals is one of {', '.join(REFUSALS)}")
        if self.links_move not in LINKS_MOVE:
            raise ValueError(f"links_move is one of {', '.join(LINKS_MOVE)}")
        if self.merged_answer not in MERGED_ANSWERS:
            raise ValueError(f"merged_answer is one of {', '.join(MERGED_ANSWERS)}")
        if unknown := set(self.counts) - set(DEFAULT_COUNTS):
            raise ValueError(f"no such object type: {', '.join(sorted(unknown))}")

    def count(self, object_type: str) -> int:
        """How many records of a type the seed makes."""
        default = DEFAULT_COUNTS[object_type]
        if self.empty and object_type != "member":
            default = 0
        if object_type in CUSTOM_TYPES and not self.custom_objects:
            return 0
        if object_type == "enrollment" and not self.count("sequence"):
            return 0
        return self.counts.get(object_type, default)

    @property
    def trashed_count(self) -> int:
        """How many records of a type are in the trash from the start."""
        if self.trashed is None:
            return 0 if self.empty else DEFAULT_TRASHED
        return self.trashed
