"""The end of a run: what waited is tried once more, and what became of everything is said."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from lightfield_api.errors import LightfieldError
from target_lightfield.errors import api_failure
from target_lightfield.id_map.source import Link, Source
from target_lightfield.objects.list_batches import FedLists
from target_lightfield.objects.list_members import LIST_MEMBERS, list_key_of
from target_lightfield.reporting.rejects_file import Rejection, StreamSchema
from target_lightfield.reporting.report import MOST_MEMBERS, Calls, Outcome, Report, WaitingLink
from target_lightfield.run.missing_members import MissingMembers
from target_lightfield.run.scheduler import Scheduler
from target_lightfield.run.workspace import Destination

_MOST_MEMBERS_SAID = 20
_MOST_LISTS_SAID = 5

_log = logging.getLogger("target-lightfield")


@dataclass(frozen=True)
class Ending:
    """What is left to do when every record of the feed has been taken.

    Attributes:
        destination: The workspace.
        scheduler: What runs the writes.
        report: Where it is counted.
        missing_members: The emails of the feed's members whom the workspace lacks, by source key.
    """

    destination: Destination
    scheduler: Scheduler
    report: Report
    missing_members: Mapping[str, str]

    def try_what_waits(
        self, load: Callable[[StreamSchema, Mapping[str, Any]], None], settle: Callable[[], None]
    ) -> None:
        """Load the records that waited for another, then write the links whose other side has come.

        Args:
            load: Loads one record.
            settle: Returns when every record is settled.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        waiting = self.destination.id_map.waiting
        before = 0
        while (held := waiting.count()) not in (0, before):  # while one of them gets on: chains resolve
            for source, row in waiting.rows():
                if self.destination.object_type(source.stream):
                    schema: dict[str, Any] = {"properties": {name: {} for name in row}}
                    stream = self.destination.stream_name(source.stream)
                    feeder = source.origin or self.destination.id_map.feeders.owner(source.stream)
                    load(StreamSchema(stream, schema, source.key_properties, feeder), row)
            settle()
            before = held
        for source, group in groupby(waiting.links(), key=itemgetter(0)):
            # Read to the end before any of them is written.
            links = [link for _, link in group]
            if self.destination.object_type(source.stream):
                self.scheduler.submit(partial(self._write_links, source, links), holds=[source])
        settle()

    def _write_links(self, source: Source, links: Sequence[Link]) -> None:
        try:
            self.destination.loader(source.stream).write_links(source, links)
        except Rejection as e:
            stream = self.destination.stream_name(source.stream)
            _log.warning("Links of %s %r wait on: %s", stream, source.key, e.message)
        except LightfieldError as e:
            stream = self.destination.stream_name(source.stream)
            raise api_failure(f"linking {stream} {source.key!r}", e) from e

    def release_left_members(self, lists: FedLists) -> None:
        """Let no row of a list be written that an earlier run kept, where the feed proves to lack it now."""
        if lists.all() and self.destination.list_members().policy.exact and not lists.why_not_proven():
            self.destination.list_members().release_left(lists.all())

    def end_memberships(self, lists: FedLists, settle: Callable[[], None]) -> None:
        """Remove from the lists of the feed whom it does not have on them, where the settings say so.

        Nobody is removed without a proof that all rows have come. A list of which rows wait or were rejected
        is left as it is.

        Args:
            lists: Those that the feed has rows of.
            settle: Returns when every record is settled.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        fed = lists.all()
        if not fed or not self.destination.list_members().policy.exact:
            return
        if reason := lists.why_not_proven():
            _log.warning(
                "Nobody is removed from any list: the input does not prove that it has all rows of "
                "list_members, since %s. A tap-lightfield that was not interrupted says so in its state; "
                "how other feeds can is in docs/target.md under Lists.",
                reason,
            )
            return
        incomplete = lists.incomplete(
            list_key_of(row) for _, row in self.destination.id_map.waiting.rows(LIST_MEMBERS)
        )
        if said := sorted(fed & incomplete):
            _log.warning(
                "Nobody is removed from %d lists, of which rows wait or were rejected: %s",
                len(said),
                ", ".join(said[:_MOST_LISTS_SAID]),
            )
        loader = self.destination.list_members()
        for contents in loader.given(fed) - loader.given(incomplete):
            self.scheduler.submit(partial(self._remove_others, *contents), holds=[(LIST_MEMBERS, contents)])
        settle()

    def _remove_others(self, list_id: str, object_type: str) -> None:
        try:
            for outcome in self.destination.list_members().remove_others(list_id, object_type):
                self.report.count(LIST_MEMBERS, outcome)
        except LightfieldError as e:
            raise api_failure(f"removing from list {list_id!r}", e) from e

    def report_all(self, calls: Calls, failure: str | None) -> None:
        """Count what waits, and log what became of the records.

        Args:
            calls: The requests of the run.
            failure: Why the run failed, None if it did not.
        """
        with closing(MissingMembers(self.missing_members)) as missing:
            for source, row in self.destination.id_map.waiting.rows():
                self.report.count(self.destination.stream_name(source.stream), Outcome.WAITING)
                for reference in self.destination.missing_members(source.stream, row):
                    missing.refer(reference, source.stream, source.key)
            links: Counter[str] = Counter()
            for link in self._waiting_links():
                links[link.stream] += 1
                if self.destination.is_of_members(link.stream, link.relationship):
                    missing.refer(link.reference, link.stream, link.key)
            most, count = missing.most(MOST_MEMBERS), len(missing)
        self.report.close(
            calls=calls,
            links=self._waiting_links(),
            missing_members=most,
            missing_members_count=count,
            failure=failure,
        )
        for line in [*self.report.lines(), *self.report.details()]:
            _log.info("%s", line)
        for stream, number in links.items():
            _log.warning("%s: %d links wait for a record that has not come yet", stream, number)
        for member, records in islice(most.items(), _MOST_MEMBERS_SAID):
            _log.warning(
                "Member %s is not in the workspace, and %d records refer to them: invite them and run again",
                member,
                records,
            )

    def _waiting_links(self) -> Iterator[WaitingLink]:
        for source, link in self.destination.id_map.waiting.links():
            column = self.destination.column(source.stream, link.relationship)
            name = column.name if column else link.relationship
            stream = self.destination.stream_name(source.stream)
            yield WaitingLink(stream, source.key, name, link.reference)
