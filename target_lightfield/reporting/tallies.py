"""What a report keeps of a run: numbers, and of what is alike the first few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from target_lightfield.reporting.left_over_groups import LeftOverGroup
from target_lightfield.reporting.outcome import LONGEST_SHOWN, Calls, DoubtfulMatch, GoneRecord, Outcome, clip
from target_lightfield.reporting.rejection import Candidate

LONGEST_MESSAGE = 500
_MOST_EXAMPLES = 5
_MOST_NAMED = 50_000  # doubtful matches, or records that have gone: people look at each


@dataclass
class Named:
    """Records that are named one by one."""

    count: int = 0
    records: list[DoubtfulMatch | GoneRecord] = field(default_factory=list)

    def add(self, record: DoubtfulMatch | GoneRecord) -> None:
        """Name one more, as long as there are not too many."""
        self.count += 1
        if len(self.records) < _MOST_NAMED:
            self.records.append(record)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"count": self.count, "records": [record.as_dict() for record in self.records]}


@dataclass
class StreamTally:
    """What became of the records of one stream."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    enrichments: int = 0
    left_over: int = 0
    matches: Named = field(default_factory=Named)
    gone: Named = field(default_factory=Named)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            **{outcome.value: self.outcomes[outcome] for outcome in Outcome},
            "left_over": self.left_over,
            "changed_fields": dict(self.changed.most_common()),
            "enrichments_billed": self.enrichments,
            "doubtful_matches": self.matches.as_dict(),
            "gone_records": self.gone.as_dict(),
        }


@dataclass
class Group:
    """How many there are of a kind, and the first few of them."""

    reason: str = ""
    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, key: str, candidates: Sequence[Candidate] = (), **more: str) -> None:
        """Count one more.

        Args:
            key: The source key of the record.
            candidates: The records of which nobody knows which one is meant.
            more: What else an example says, by its name in the report.
        """
        self.count += 1
        if len(self.examples) < _MOST_EXAMPLES:
            longest = {"message": LONGEST_MESSAGE}
            clipped = {name: clip(text, longest.get(name, LONGEST_SHOWN)) for name, text in more.items()}
            records = {"records": [one.as_dict() for one in candidates]} if candidates else {}
            self.examples.append({"key": clip(key), **clipped, **records})

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"count": self.count, "examples": [dict(example) for example in self.examples]}


@dataclass(frozen=True)
class End:
    """What is known of a run only once it is over."""

    finished_at: str | None = None
    seconds: float | None = None
    failure: str | None = None
    calls: Calls = field(default_factory=Calls)
    links: Mapping[tuple[str, str], Group] = field(default_factory=dict)
    members: Sequence[tuple[str, int]] = ()
    members_count: int = 0
    left_over: Sequence[LeftOverGroup] = ()
