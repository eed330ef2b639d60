"""What became of the records of a run: counted as it happens, said and written at its end."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

from target_lightfield.reporting import report_files, report_lines
from target_lightfield.reporting.headline import headline
from target_lightfield.reporting.left_over_groups import LeftOverGroup, by_stream
from target_lightfield.reporting.outcome import Calls, DoubtfulMatch, GoneRecord, Outcome, WaitingLink, clip
from target_lightfield.reporting.record_changes import RecordChange, RecordChanges, changes_path, shown
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.reporting.tallies import LONGEST_MESSAGE, End, Group, StreamTally
from target_lightfield.reporting.verification import Verification

_Kind = TypeVar("_Kind")

MOST_MEMBERS = 1000
"""How many of the missing members a report names."""

# What bounds a report, however many records there are and whatever their keys hold.
_MOST_REJECT_GROUPS = 200
_MOST_LEFT_OVER_GROUPS = 500
_LONGEST_FAILURE = 1000


class Report:
    """What a run did, by stream and outcome, and why. Safe to use from several threads.

    Rejects and waiting links are counted by kind, each kind with five examples. Doubtful matches and gone
    records are named one by one, up to a bound.

    Args:
        dry_run: Whether what is counted would be, and is not, done.
        verify: Whether rows are compared with the workspace.
        path: Where it is to be written, None for nowhere.

    Attributes:
        plan: What a person has to do for all of a preset's feed to be carried; None without a preset.
        workspace: What tells a person which workspace it is about; None where nobody has asked.
        replay: The commands that load the rejected records again, by who runs them.
        verdict: Why a run that wrote nothing and did what it was asked for counts as failed all the same.
        verification: Takes what a verification finds; None in any other run.
    """

    plan: Mapping[str, Any] | None = None
    workspace: Mapping[str, Any] | None = None
    replay: Mapping[str, str] | None = None
    verdict: str | None = None

    def __init__(self, *, dry_run: bool = False, verify: bool = False, path: str | None = None) -> None:
        self._dry_run = dry_run
        self._changes = RecordChanges(changes_path(path) if path and dry_run else None)
        self.verification = Verification(self._changes) if verify else None
        self._started_at, self._started = _now(), time.monotonic()
        self._streams: dict[str, StreamTally] = {}
        self._rejects: dict[tuple[str, str, str | None], Group] = {}
        self._end = End()
        self._lock = threading.Lock()

    @property
    def tells(self) -> Callable[[RecordChange], None] | None:
        """Takes what would become of a record, in a dry run; None in any other run."""
        return self._changes.tell if self._dry_run and not self.verification else None

    def begin(self, stream: str) -> None:
        """Note that a stream has come: the report has streams in the order in which they came."""
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

    def reject(self, stream: str, key: str, rejection: Rejection, value: Any = None) -> None:
        """Count one rejected record of a stream, among those that were rejected for the same reason.

        Args:
            stream: The stream.
            key: The record's source key.
            rejection: Why it is rejected.
            value: The value that is, where it is one; None for none.
        """
        more = {"message": rejection.message} | ({} if value is None else {"value": shown(value) or ""})
        with self._lock:
            self._stream(stream).outcomes[Outcome.REJECTED] += 1
            kind, reason = (stream, rejection.code, rejection.param), rejection.message
            if kind not in self._rejects and len(self._rejects) >= _MOST_REJECT_GROUPS:
                kind, reason = (stream, RejectCode.OTHER, None), "The reasons differ"
            group = self._rejects.setdefault(kind, Group(clip(reason, LONGEST_MESSAGE)))
            group.add(key, rejection.candidates, **more)

    def name_match(self, stream: str, match: DoubtfulMatch) -> None:
        """Name a record that a row was matched with although they differ."""
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

    def headline(self) -> str:
        """Return what became of the records in one sentence."""
        return str(self.as_dict()["headline"])

    def outcomes(self) -> Mapping[str, Mapping[Outcome, int]]:
        """Return how many records of each stream had each outcome so far."""
        with self._lock:
            return {name: stream.outcomes.copy() for name, stream in self._streams.items()}

    def lines(self) -> Iterator[str]:
        """Yield a line a stream: ``accounts: 3 created, 1 updated, 1 unchanged, 0 rejected, 0 waiting``."""
        if self.verification:
            return self.verification.lines(self.outcomes())
        return report_lines.counts(self.outcomes())

    def details(self) -> Iterator[str]:
        """Yield what the counts leave out: the columns that updates change, the enrichments billed."""
        with self._lock:
            return report_lines.details({name: stream.as_dict() for name, stream in self._streams.items()})

    def close(
        self,
        *,
        calls: Calls,
        links: Iterable[WaitingLink],
        missing_members: Mapping[str, int],
        missing_members_count: int | None = None,
        left_over: Sequence[LeftOverGroup] = (),
        failure: str | None,
    ) -> None:
        """End the report, now, with what is known only at the end of a run.

        Args:
            calls: The requests that it made.
            links: The links that wait. They are read once and not kept.
            missing_members: How many records refer to a member whom the workspace lacks, by the member's
                email or source key.
            missing_members_count: How many of them there are, where those are only the ones with the most.
            left_over: The values of the source that went nowhere, the most first.
            failure: Why the run failed, in one sentence; None if it did not.
        """
        groups: dict[tuple[str, str], Group] = {}
        for link in links:
            group = groups.setdefault((link.stream, link.relationship), Group())
            group.add(link.key, reference=link.reference)
        end = End(
            finished_at=_now(),
            seconds=round(time.monotonic() - self._started, 3),
            failure=None if failure is None else clip(failure, _LONGEST_FAILURE),
            calls=calls,
            links=groups,
            members=heapq.nsmallest(MOST_MEMBERS, missing_members.items(), key=lambda m: (-m[1], m[0])),
            members_count=len(missing_members) if missing_members_count is None else missing_members_count,
            left_over=left_over[:_MOST_LEFT_OVER_GROUPS],
        )
        self.compared()
        with self._lock:
            self._end = end
            for stream, number in by_stream(left_over).items():
                self._stream(stream).left_over = number

    def compared(self) -> None:
        """Take note that a verification has compared all rows."""
        if self.verification:
            self.verification.finish()
            for name in self.verification.objects():
                self.begin(name)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it.

        ``finished_at`` and ``seconds`` are None before ``close``. Groups come largest first. Of the missing
        members those with the most records are listed; ``missing_members_count`` says how many there are.
        """
        with self._lock:
            end = self._end
            said = {
                "dry_run": self._dry_run,
                "verify": self.verification is not None,
                "workspace": self.workspace,
                "started_at": self._started_at,
                "finished_at": end.finished_at,
                "seconds": end.seconds,
                "failure": end.failure,
                "verdict": None if self.verdict is None else clip(self.verdict, _LONGEST_FAILURE),
                "objects": {name: self._object(name, stream) for name, stream in self._streams.items()},
                "rejects": [
                    {
                        "stream": stream,
                        "code": clip(code),
                        "param": None if param is None else clip(param),
                        "reason": group.reason,
                        **group.as_dict(),
                    }
                    for (stream, code, param), group in _largest_first(self._rejects)
                ],
                "replay": self.replay if self._rejects else None,
                "waiting_links": {
                    "count": sum(group.count for group in end.links.values()),
                    "groups": [
                        {"stream": stream, "relationship": relationship, **group.as_dict()}
                        for (stream, relationship), group in _largest_first(end.links)
                    ],
                },
                "left_over": {
                    "count": sum(stream.left_over for stream in self._streams.values()),
                    "groups": [group.as_dict() for group in end.left_over],
                },
                "missing_members": [{"member": clip(m), "records": n} for m, n in end.members],
                "missing_members_count": end.members_count,
                "plan": self.plan,
                "enrichments_billed": sum(stream.enrichments for stream in self._streams.values()),
                "api_calls": asdict(end.calls),
            }
        return {"headline": headline(said), **said}

    def write(self, path: str) -> Sequence[Path]:
        """Write the report as JSON and as a page for people, each readable by its owner only.

        Args:
            path: Where, with or without the suffix of one of the two. What is there is replaced.

        Returns:
            The JSON file and the HTML file, and of a dry run that of what would change.

        Raises:
            TargetError: One of them can't be written.
        """
        changes = self._changes.finish()
        return [*report_files.write(self.as_dict(), path), *([changes] if changes else [])]

    def _object(self, name: str, stream: StreamTally) -> dict[str, Any]:
        counts = stream.as_dict()
        if self.verification:
            found = self.verification.of(name)
            return {**counts, "unchanged": counts["unchanged"] + found["equal"], "verified": found}
        return {**counts, **({"changes": self._changes.of(name)} if self._dry_run else {})}

    def _stream(self, name: str) -> StreamTally:
        return self._streams.setdefault(name, StreamTally())


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _largest_first(groups: Mapping[_Kind, Group]) -> list[tuple[_Kind, Group]]:
    return sorted(groups.items(), key=lambda item: -item[1].count)
