"""What became of the records of a run: counted as it happens, said and written at its end."""

from __future__ import annotations

import heapq
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from lightfield_api.words import count
from target_lightfield.errors import TargetError, reason_of
from target_lightfield.reporting.page import page
from target_lightfield.reporting.rejects_file import Rejection

_Kind = TypeVar("_Kind")


class Outcome(Enum):
    """What became of one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    TRASHED = "trashed"
    REMOVED = "removed"
    REJECTED = "rejected"
    GONE = "gone"
    WAITING = "waiting"
    SKIPPED = "skipped"


MOST_MEMBERS = 1000
"""How many of the missing members a report names."""

_SAID_IF_ANY = {Outcome.TRASHED, Outcome.REMOVED, Outcome.SKIPPED, Outcome.GONE}

# What bounds a report, however many records there are and whatever their keys hold.
_MOST_EXAMPLES = 5
_MOST_REJECT_GROUPS = 200
_MOST_NAMED = 50_000  # doubtful matches, or records that have gone: people look at each
_MOST_COLUMNS_SAID = 30
_LONGEST_KEY = 200
_LONGEST_MESSAGE = 500
_LONGEST_FAILURE = 1000


@dataclass(frozen=True)
class WaitingLink:
    """A link whose other side has not come.

    Attributes:
        stream: The stream of the record that has it.
        key: That record's source key.
        relationship: The column that asks for it, for example ``account_id``.
        reference: What the column refers to.
    """

    stream: str
    key: str
    relationship: str
    reference: str


@dataclass(frozen=True)
class DoubtfulMatch:
    """A record that a row was matched with, though something tells the two apart.

    Attributes:
        key: The row's source key.
        record_id: The record.
        link: Where people see it, or None.
        differences: Each column in which they differ, with what the record said and what the row says.
    """

    key: str
    record_id: str
    link: str | None
    differences: Sequence[tuple[str, str, str]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "key": _clip(self.key),
            "record_id": _clip(self.record_id),
            "link": self.link,
            "differences": [
                {"column": _clip(column), "before": _clip(there), "after": _clip(here)}
                for column, there, here in self.differences
            ],
        }


@dataclass(frozen=True)
class GoneRecord:
    """A record that a row meant, and that a person has deleted or merged.

    Attributes:
        key: The row's source key.
        record_id: The record.
        merged_into: The record that it was merged into; None if it was deleted, or nothing says so.
    """

    key: str
    record_id: str
    merged_into: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        merged_into = None if self.merged_into is None else _clip(self.merged_into)
        return {"key": _clip(self.key), "record_id": _clip(self.record_id), "merged_into": merged_into}


@dataclass(frozen=True)
class Calls:
    """The requests of a run, by the API's rate-limit category.

    Attributes:
        read: Requests of the category read.
        search: Requests of the category search.
        write: Requests of the category write.
        throttled: How many of all these were answered with 429.
    """

    read: int = 0
    search: int = 0
    write: int = 0
    throttled: int = 0


@dataclass
class _Named:
    """Records that are named one by one."""

    count: int = 0
    records: list[DoubtfulMatch | GoneRecord] = field(default_factory=list)

    def add(self, record: DoubtfulMatch | GoneRecord) -> None:
        self.count += 1
        if len(self.records) < _MOST_NAMED:
            self.records.append(record)

    def as_dict(self) -> dict[str, Any]:
        return {"count": self.count, "records": [record.as_dict() for record in self.records]}


@dataclass
class _Stream:
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    enrichments: int = 0
    matches: _Named = field(default_factory=_Named)
    gone: _Named = field(default_factory=_Named)

    def as_dict(self) -> dict[str, Any]:
        return {
            **{outcome.value: self.outcomes[outcome] for outcome in Outcome},
            "changed_fields": dict(self.changed.most_common()),
            "enrichments_billed": self.enrichments,
            "doubtful_matches": self.matches.as_dict(),
            "gone_records": self.gone.as_dict(),
        }


@dataclass
class _Group:
    """How many there are of a kind, and the first few of them."""

    reason: str = ""
    count: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)

    def add(self, key: str, **more: str) -> None:
        self.count += 1
        if len(self.examples) < _MOST_EXAMPLES:
            longest = {"message": _LONGEST_MESSAGE}
            clipped = {name: _clip(text, longest.get(name, _LONGEST_KEY)) for name, text in more.items()}
            self.examples.append({"key": _clip(key), **clipped})


@dataclass(frozen=True)
class _End:
    """What is known of a run only once it is over."""

    finished_at: str | None = None
    seconds: float | None = None
    failure: str | None = None
    calls: Calls = field(default_factory=Calls)
    links: Mapping[tuple[str, str], _Group] = field(default_factory=dict)
    members: Sequence[tuple[str, int]] = ()
    members_count: int = 0


class Report:
    """What a run did, by stream and outcome, and why. Safe to use from several threads.

    Of what is alike it keeps the number and five examples; doubtful matches and records that have gone it
    names one by one, up to a bound.

    Args:
        dry_run: Whether what is counted would be, and is not, done.
    """

    def __init__(self, *, dry_run: bool = False) -> None:
        self._dry_run = dry_run
        self._started_at, self._started = _now(), time.monotonic()
        self._streams: dict[str, _Stream] = {}
        self._rejects: dict[tuple[str, str, str | None], _Group] = {}
        self._end = _End()
        self._lock = threading.Lock()

    def begin(self, stream: str) -> None:
        """Take up a stream: they are reported in the order in which they came, whichever is done first."""
        with self._lock:
            self._stream(stream)

    def knows(self, stream: str) -> bool:
        """Whether anything of a stream has come."""
        with self._lock:
            return stream in self._streams

    def count(self, stream: str, outcome: Outcome, changed: Iterable[str] = ()) -> None:
        """Count one record of a stream.

        Args:
            stream: The stream.
            outcome: What became of the record.
            changed: The columns that an update of it changes.
        """
        columns = dict.fromkeys(changed)  # one record counts once for a column
        with self._lock:
            counted = self._stream(stream)
            counted.outcomes[outcome] += 1
            for column in columns:
                counted.changed[column] += 1

    def reject(self, stream: str, key: str, rejection: Rejection) -> None:
        """Count one rejected record of a stream, among those that were rejected for the same reason."""
        with self._lock:
            self._stream(stream).outcomes[Outcome.REJECTED] += 1
            kind, reason = (stream, rejection.code, rejection.param), rejection.message
            if kind not in self._rejects and len(self._rejects) >= _MOST_REJECT_GROUPS:
                kind, reason = (stream, "other", None), "The reasons differ"
            group = self._rejects.setdefault(kind, _Group(_clip(reason, _LONGEST_MESSAGE)))
            group.add(key, message=rejection.message)

    def name_match(self, stream: str, match: DoubtfulMatch) -> None:
        """Name a record that a row was matched with though something tells the two apart."""
        with self._lock:
            self._stream(stream).matches.add(match)

    def name_gone(self, stream: str, record: GoneRecord) -> None:
        """Name a record that a row meant and that a person has deleted or merged."""
        with self._lock:
            self._stream(stream).gone.add(record)

    def bill_enrichment(self, stream: str) -> None:
        """Count one enrichment event that Lightfield bills, or would bill were it not a dry run."""
        with self._lock:
            self._stream(stream).enrichments += 1

    def total(self, outcome: Outcome) -> int:
        """Return how many records of all streams had this outcome."""
        with self._lock:
            return sum(stream.outcomes[outcome] for stream in self._streams.values())

    def lines(self) -> Iterator[str]:
        """Yield a line a stream: ``accounts: 3 created, 1 updated, 1 unchanged, 0 rejected, 0 waiting``."""
        with self._lock:
            counts = {name: stream.outcomes.copy() for name, stream in self._streams.items()}
        for name, outcomes in counts.items():
            if outcomes:
                # Of a stream of which nothing is written there is no more to say.
                rest = () if set(outcomes) == {Outcome.SKIPPED} else set(Outcome) - _SAID_IF_ANY
                said = [o for o in Outcome if o in rest or outcomes[o]]
                yield f"{name}: " + ", ".join(f"{outcomes[outcome]} {outcome.value}" for outcome in said)

    def details(self) -> Iterator[str]:
        """Yield what the counts leave out: the columns that updates change, the enrichments billed."""
        with self._lock:
            streams = {name: stream.as_dict() for name, stream in self._streams.items()}
        for name, stream in streams.items():
            if changed := list(stream["changed_fields"].items())[:_MOST_COLUMNS_SAID]:
                yield f"{name}: changed in updates: " + ", ".join(f"{column} ({n})" for column, n in changed)
            if billed := stream["enrichments_billed"]:
                yield f"{name}: {count('enrichment', billed)} that Lightfield bills"
            if matched := stream["doubtful_matches"]["count"]:
                yield (
                    f"{name}: {matched} matched though a name or a website differs: the report (report_path) "
                    "says which"
                )

    def close(
        self,
        *,
        calls: Calls,
        links: Iterable[WaitingLink],
        missing_members: Mapping[str, int],
        missing_members_count: int | None = None,
        failure: str | None,
    ) -> None:
        """Take up what is known at the end of a run, which is now.

        Args:
            calls: The requests that it made.
            links: The links that wait. They are read once and not kept.
            missing_members: How many records refer to a member whom the workspace lacks, by the member's
                email or source key.
            missing_members_count: How many of them there are, where those are only the ones with the most.
            failure: Why the run failed, in one sentence; None if it did not.
        """
        groups: dict[tuple[str, str], _Group] = {}
        for link in links:
            group = groups.setdefault((link.stream, link.relationship), _Group())
            group.add(link.key, reference=link.reference)
        end = _End(
            finished_at=_now(),
            seconds=round(time.monotonic() - self._started, 3),
            failure=None if failure is None else _clip(failure, _LONGEST_FAILURE),
            calls=calls,
            links=groups,
            members=heapq.nsmallest(MOST_MEMBERS, missing_members.items(), key=lambda m: (-m[1], m[0])),
            members_count=len(missing_members) if missing_members_count is None else missing_members_count,
        )
        with self._lock:
            self._end = end

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it.

        ``finished_at`` and ``seconds`` are None before ``close``. Groups come largest first. Of the missing
        members those with the most records are listed; ``missing_members_count`` says how many there are.
        """
        with self._lock:
            end = self._end
            return {
                "dry_run": self._dry_run,
                "started_at": self._started_at,
                "finished_at": end.finished_at,
                "seconds": end.seconds,
                "failure": end.failure,
                "objects": {name: stream.as_dict() for name, stream in self._streams.items()},
                "rejects": [
                    {
                        "stream": stream,
                        "code": _clip(code),
                        "param": None if param is None else _clip(param),
                        "reason": group.reason,
                        **_counted(group),
                    }
                    for (stream, code, param), group in _largest_first(self._rejects)
                ],
                "waiting_links": {
                    "count": sum(group.count for group in end.links.values()),
                    "groups": [
                        {"stream": stream, "relationship": relationship, **_counted(group)}
                        for (stream, relationship), group in _largest_first(end.links)
                    ],
                },
                "missing_members": [{"member": _clip(m), "records": n} for m, n in end.members],
                "missing_members_count": end.members_count,
                "enrichments_billed": sum(stream.enrichments for stream in self._streams.values()),
                "api_calls": asdict(end.calls),
            }

    def write(self, path: str) -> Sequence[Path]:
        """Write the report as JSON and as a page for people, each readable by its owner only.

        Args:
            path: Where, with or without the suffix of one of the two. What is there is replaced.

        Returns:
            The JSON file and the HTML file.

        Raises:
            TargetError: One of them can't be written.
        """
        report = self.as_dict()
        base = Path(path)
        name = base.stem if base.suffix.lower() in {".json", ".html"} else base.name
        texts = {
            base.parent / f"{name}.json": json.dumps(report, ensure_ascii=False, indent=2) + "\n",
            base.parent / f"{name}.html": page(report),
        }
        for file, text in texts.items():
            try:
                _replace(file, text)
            except (OSError, ValueError) as e:
                raise TargetError(
                    f"The report {file} can't be written: {reason_of(e)}. Only the report is missing: "
                    "the log says what became of the records."
                ) from e
        return list(texts)

    def _stream(self, name: str) -> _Stream:
        return self._streams.setdefault(name, _Stream())


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _clip(text: str, longest: int = _LONGEST_KEY) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _counted(group: _Group) -> dict[str, Any]:
    return {"count": group.count, "examples": [dict(example) for example in group.examples]}


def _largest_first(groups: Mapping[_Kind, _Group]) -> list[tuple[_Kind, _Group]]:
    return sorted(groups.items(), key=lambda item: -item[1].count)


def _replace(file: Path, text: str) -> None:
    """Write a file whole, or leave what was there: a run can be killed at any moment."""
    # Half of a surrogate pair is no UTF-8, but as JSON's own escape it can be written.
    content = text.encode(errors="backslashreplace")
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # with mode 600
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        Path(temporary).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
