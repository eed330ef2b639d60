"""One run: counts every record's outcome, files every rejected one, and at its end tries what waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import IO, Any

from lightfield_api.errors import LightfieldError
from target_lightfield.errors import TargetError, api_failure
from target_lightfield.id_map.source import Mapped, Source, State
from target_lightfield.keys import Key, composite_key, content_key, is_key, is_storable, key_of
from target_lightfield.loading.loader import Reader, RecordLoader
from target_lightfield.matching.wanted import Wanted
from target_lightfield.objects.list_batches import FedLists, ListBatches
from target_lightfield.objects.list_members import LIST_MEMBERS, Entry, MemberReader, list_key_of
from target_lightfield.plain_rows import is_empty_text
from target_lightfield.reporting.rejects_file import MAPPED_FROM, Rejection, RejectsFile, StreamSchema
from target_lightfield.reporting.report import Calls, GoneRecord, Outcome, Report
from target_lightfield.run.end_of_run import Ending
from target_lightfield.run.scheduler import Scheduler
from target_lightfield.run.workspace import Destination
from target_lightfield.stream_maps import MapSettings

_log = logging.getLogger("target-lightfield")


class Run:
    """Loads records into a destination.

    Args:
        config: The target's settings.
        report: Where it is counted what becomes of the records.
        source: What the target reads from.

    Attributes:
        report: What became of the records.
        replays: Whether what comes now is of a rejects file that does not say what stream maps had to do
            with it: of an earlier release, or of a stream that they left alone.

    Raises:
        TargetError: The destination can't be opened.
    """

    replays = False

    def __init__(self, config: Mapping[str, Any], report: Report, source: IO[str] | None = None) -> None:
        self._dry_run: bool = config["dry_run"]
        self._max_rejects: int = config["max_rejects"]
        self._report_path: str | None = config.get("report_path")
        self._rejects = RejectsFile(config["rejects_path"], source)
        self._destination = Destination(config)
        self._scheduler = Scheduler(config["max_concurrency"])
        self._list_batches = ListBatches(self._submit_list_members)
        self._fed_lists = FedLists()
        self._maps = MapSettings(config.get("stream_maps"))
        self._missing_members: dict[str, str] = {}
        self._interrupted_by: str | None = None
        self.report = report
        if self._dry_run:
            _log.info("Dry run: nothing is written; the counts say what would be")

    def writes(self, stream: str) -> bool:
        """Whether the records of a stream can be written."""
        return self._destination.object_type(stream) is not None

    def stream_name(self, stream: str) -> str:
        """Return what a stream is called, however the feed spells it."""
        return self._destination.stream_name(stream)

    def spellings(self, stream: str) -> Sequence[str]:
        """Return the names that a stream goes by: its own, and that of earlier releases."""
        return self._destination.spellings(stream)

    def custom_objects(self) -> Sequence[str]:
        """Return the streams of the workspace's custom objects."""
        return self._destination.custom_objects()

    def reader(self, stream: str) -> Reader | MemberReader:
        """Return what reads the rows of a writable stream. Raises TargetError as Destination does."""
        if stream == LIST_MEMBERS:
            return self._destination.list_members().reader
        return self._destination.loader(stream).reader

    # What the feed holds

    def count_list_member(self) -> None:
        """Count a row of list_members as the feed has it, whatever stream maps make of it."""
        self._fed_lists.count_row()

    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Load one record, beside others on their way, and count what becomes of it.

        Raises:
            TargetError: Lightfield did not answer as it should to this record or an earlier one; the
                run can't go on.
        """
        if stream.stream == LIST_MEMBERS:
            self._gather(stream, row, ended=False)
            return
        source = self._source(stream, row)
        loader = self._destination.loader(stream.stream)
        try:
            wanted = loader.reader.read(row)
        except Rejection as e:
            self.reject(stream, row, e)
            return
        self._scheduler.submit(
            lambda: self._judged(stream, row, lambda: self._load(loader, stream, source, row, wanted)),
            holds=loader.tokens(source, wanted),
            after=loader.follows(wanted),
        )

    def _load(
        self,
        loader: RecordLoader,
        described: StreamSchema,
        source: Source,
        row: Mapping[str, Any],
        wanted: Wanted,
    ) -> None:
        stream = described.stream
        loaded = loader.load(source, row, wanted)
        if loaded.enriched:
            self.report.bill_enrichment(stream)
        if loaded.match:
            self.report.name_match(stream, loaded.match)
        if loaded.gone:
            self._note_gone(stream, loaded.gone)
        if loaded.outcome is Outcome.SKIPPED:
            self._skip(stream, source)
        elif loaded.outcome is not Outcome.WAITING:  # those are counted at the end, when others have come
            changed = loaded.changed if loaded.outcome is Outcome.UPDATED else ()
            self.report.count(stream, loaded.outcome, changed)

    def _note_gone(self, stream: str, gone: GoneRecord) -> None:
        self.report.name_gone(stream, gone)
        what = f"merged into {gone.merged_into}" if gone.merged_into else "deleted"
        _log.warning(
            "%s %r: its record %s was %s in Lightfield, and stays so (on_deleted)",
            stream, gone.key, gone.record_id, what,
        )  # fmt: skip

    def _gather(self, stream: StreamSchema, row: Mapping[str, Any], *, ended: bool) -> None:
        """Take up a row of list_members, which is loaded with others of its list."""
        source = self._source(stream, row)
        try:
            membership = self._destination.list_members().reader.read(row)
        except Rejection as e:
            self.reject(stream, row, e)
            return
        if not ended:
            self._fed_lists.feed(membership.list_key)
        self._list_batches.put(Entry(stream, source, row, membership, ended))

    def _submit_list_members(self, entries: Sequence[Entry]) -> None:
        loader = self._destination.list_members()
        self._scheduler.submit(
            lambda: self._load_list_members(entries),
            holds=loader.holds(entries),
            after=loader.after(entries),
        )

    def _load_list_members(self, entries: Sequence[Entry]) -> None:
        try:
            for entry, result in self._destination.list_members().load(entries):
                if isinstance(result, Rejection):
                    self._reject(entry.stream, entry.row, result)
                elif result is Outcome.SKIPPED:
                    self._skip(entry.stream.stream, entry.source)
                elif result is not Outcome.WAITING:
                    self.report.count(entry.stream.stream, result)
        except LightfieldError as e:
            raise api_failure(f"loading {LIST_MEMBERS} {entries[0].source.key!r}", e) from e

    def load_member(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Take up a member of the source, so that owners and assignees carry over by email.

        Members are never written. One that the workspace lacks waits: links to it are written by the
        run after it was invited.
        """
        source = self._source(stream, row)
        email = row.get("email")
        if is_empty_text(email):
            email = None
        self._destination.id_map.get(source)  # which finds it under its former key, too
        try:
            member = self._destination.member_id(email) if isinstance(email, str) else None
        except LightfieldError as e:
            raise api_failure(f"looking up {stream.stream} {source.key!r}", e) from e
        if member is not None:
            self._destination.id_map.settle(source, "member", Mapped(member, State.ADOPTED, created=False))
        else:
            self._missing_members[source.key] = email if isinstance(email, str) else source.key
        self.report.count(stream.stream, Outcome.UNCHANGED if member else Outcome.WAITING)

    def trash(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Move the record to the trash that the source has deleted."""
        if stream.stream == LIST_MEMBERS:
            self._gather(stream, row, ended=True)
            return
        source = self._source(stream, row)
        loader = self._destination.loader(stream.stream)
        id_ = row.get("id")
        record_id = id_ if isinstance(id_, str) else None

        def trash() -> None:
            self.report.count(stream.stream, loader.trash(source, record_id))

        holds = [self._token(stream, row), *([(self._object_type(stream), record_id)] if record_id else [])]
        with suppress(Rejection):  # as far as it can be read: what comes behind may match the same record
            holds += loader.tokens(source, loader.reader.read(row))
        self._scheduler.submit(lambda: self._judged(stream, row, trash), holds=holds)

    def reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: tuple[StreamSchema, Mapping[str, Any]] | None = None,
    ) -> None:
        """File a rejected record, which takes the place of what waits of it, and count it.

        Args:
            stream: Its stream.
            row: The row.
            rejection: Why it is rejected.
            as_it_came: What is filed in its place where stream maps could not make the row.
        """
        if stream.stream == LIST_MEMBERS:
            self._list_batches.submit(source_key(stream, row))
        self._scheduler.submit(
            lambda: self._reject(stream, row, rejection, as_it_came), holds=[self._token(stream, row)]
        )

    def skip(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Count a record that is not to be written, nor what waits of it."""
        if stream.stream == LIST_MEMBERS:  # behind what came before it
            self._gather(stream, row, ended=True)
            return
        source = self._source(stream, row)
        self._scheduler.submit(lambda: self._skip(stream.stream, source), holds=[self._token(stream, row)])

    def _judged(self, stream: StreamSchema, row: Mapping[str, Any], work: Callable[[], None]) -> None:
        """Do what is to be done with a row: a refusal rejects it, any other failure ends the run."""
        try:
            work()
        except Rejection as e:
            self._reject(stream, row, e)
        except LightfieldError as e:
            raise api_failure(f"loading {stream.stream} {source_key(stream, row)!r}", e) from e

    def _reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: tuple[StreamSchema, Mapping[str, Any]] | None = None,
    ) -> None:
        key = source_key(stream, row)
        if stream.stream == LIST_MEMBERS:
            self._fed_lists.miss(list_key_of(row))
        if not self._dry_run:
            filed, content = as_it_came or (self._marked(stream), row)
            self._rejects.write(filed, key, content, rejection)
        where = f" ({rejection.param})" if rejection.param else ""
        _log.warning("Rejected %s %r%s: %s", stream.stream, key, where, rejection.message)
        if is_storable(key):
            self._destination.id_map.release(self._source(stream, row))
        self.report.reject(stream.stream, key, rejection)

    def _skip(self, stream: str, source: Source) -> None:
        self._destination.id_map.release(source)
        self.report.count(stream, Outcome.SKIPPED)

    def _source(self, stream: StreamSchema, row: Mapping[str, Any]) -> Source:
        """Return what the id map knows a row by."""
        name, key = self._destination.lasting_name(stream.stream), source_key(stream, row)
        return Source(name, key, tuple(stream.key_properties), self._origin(stream))

    def _origin(self, stream: StreamSchema) -> str | None:
        """Return what tells a stream's keys from others' that feed the same; None where they stand alone."""
        if stream.source is None:
            return None
        spellings = self._destination.spellings(stream.stream)
        source = stream.source if stream.source not in spellings else stream.stream

        def is_shared() -> bool:
            return any(
                self._maps.is_shared(name, name if source == stream.stream else source) for name in spellings
            )

        return self._destination.id_map.feeders.origin(
            self._destination.lasting_name(stream.stream),
            self._destination.lasting_name(source),
            is_shared=is_shared,
        )

    def _marked(self, stream: StreamSchema) -> StreamSchema:
        """Return a stream as its rejected rows have it: what stream maps made must not be mapped again."""
        if stream.source and (self._maps.is_mapped(stream.source) or self._origin(stream)):
            return replace(stream, marks={MAPPED_FROM: stream.source})
        return stream

    def _token(self, stream: StreamSchema, row: Mapping[str, Any]) -> Hashable:
        return self._object_type(stream), source_key(stream, row)

    def _object_type(self, stream: StreamSchema) -> str | None:
        return self._destination.object_type(stream.stream)

    # How far the run is

    @property
    def submitted(self) -> int:
        """How many records have been taken."""
        return self._scheduler.submitted

    @property
    def settled(self) -> int:
        """How many of the records taken are settled, and all before them."""
        return self._scheduler.settled

    def flush(self, state: object) -> None:
        """Send on its way all that has been taken: a state speaks of all that came before it."""
        self._list_batches.flush()
        self._fed_lists.note_state(state)

    def settle(self) -> None:
        """Return when every record taken is settled: written, unchanged, rejected or waiting.

        Raises:
            TargetError: One can't be, because Lightfield did not answer as it should.
        """
        self._list_batches.flush()
        self._scheduler.wait()

    def keep_rejects(self) -> None:
        """Return when the rejected records would outlive a power cut, as what the id map knows does.

        Raises:
            TargetError: They can't be kept.
        """
        self._rejects.sync()

    def abandon(self, error: Exception) -> None:
        """Finish what is on its way, begin nothing more, report, and give everything back."""
        try:
            self.settle()
        except Exception as e:  # noqa: BLE001 - an error is on its way already, and ends the run
            _log.debug("Also while ending: %s", e)
        self._scheduler.close()
        try:
            self._report(error.message if isinstance(error, TargetError) else type(error).__name__)
        except Exception as e:  # noqa: BLE001 - the same
            _log.warning("%s", e)
        try:
            self.close()
        except TargetError as e:
            _log.warning("%s", e.message)

    def finish(self, interrupted_by: str | None = None) -> None:
        """Try what waits: all that came is settled from then on.

        Args:
            interrupted_by: The signal that ended the input early: what waits stays for the next run.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        self._interrupted_by = interrupted_by
        try:
            self.settle()
            if not interrupted_by:
                self._fed_lists.end()
                self._ending().release_left_members(self._fed_lists)
                self._ending().try_what_waits(self.load, self.settle)
                self._ending().end_memberships(self._fed_lists, self.settle)
        except Exception as e:
            self.abandon(e)
            raise

    def conclude(self) -> str | None:
        """Say what became of the records, and give everything back. No state waits for that.

        Returns:
            Why the run counts as failed, in a sentence or two; None if it does not.
        """
        failure = self._failure()
        try:
            self._report(failure)
        except TargetError as e:
            failure = f"{failure} {e.message}" if failure else e.message
        finally:
            self.close()
        return failure

    def _failure(self) -> str | None:
        if self._interrupted_by:
            return (
                f"Interrupted by {self._interrupted_by}: what was on its way is written, and the state "
                "says how far it came. Run it again to go on."
            )
        rejected = self.report.total(Outcome.REJECTED)
        if rejected <= self._max_rejects:
            return None
        where = "the log" if self._dry_run else "the rejects file"
        return (
            f"{rejected} records were rejected, more than max_rejects ({self._max_rejects}) allows; "
            f"{where} says why."
        )

    def _report(self, failure: str | None) -> None:
        calls = self._destination.client.calls
        self._ending().report_all(
            Calls(*(calls.of(kind) for kind in ("read", "search", "write", "throttled"))), failure
        )
        write_report(self.report, self._report_path)

    def _ending(self) -> Ending:
        return Ending(self._destination, self._scheduler, self.report, self._missing_members)

    def close(self) -> None:
        """End what is on its way; give back the id map, the rejects file and the connections."""
        self._scheduler.close()
        self._destination.close()
        self._rejects.close()


def report_ignored(report: Report, path: str | None) -> None:
    """Say what was counted in a feed of which nothing is written, so that no workspace was opened.

    Raises:
        TargetError: The report can't be written.
    """
    lines = list(report.lines())
    if not lines:
        return
    report.close(calls=Calls(), links=(), missing_members={}, failure=None)
    for line in lines:
        _log.info("%s", line)
    write_report(report, path)


def write_report(report: Report, path: str | None) -> None:
    """Write the report where the settings want it, if they do. Raises TargetError."""
    for file in report.write(path) if path else ():
        _log.info("The report is in %s", file)


def source_key(stream: StreamSchema, row: Mapping[str, Any]) -> Key:
    """Return a record's key as text: that of its one key column, or of all; of the whole row without any.

    A number and the same number as text are one key, as in a column that refers to the record.
    """
    values = [row.get(name) for name in stream.key_properties]
    if not values:
        return content_key(row)
    if len(values) == 1 and is_key(values[0]):
        return key_of(values[0])
    return composite_key(values[0] if len(values) == 1 else values)
