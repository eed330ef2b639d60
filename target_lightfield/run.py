"""One run: counts every record's outcome, files every rejected one, and at its end tries what waits."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import IO, Any

from lightfield_api.errors import LightfieldError
from lightfield_api.resources import RESOURCES
from target_lightfield.destination import WRITABLE, Destination
from target_lightfield.errors import api_failure
from target_lightfield.id_map import Mapped, Source, is_storable
from target_lightfield.incoming import Wanted
from target_lightfield.loading import Loader
from target_lightfield.rejects import Rejection, RejectsFile, StreamSchema
from target_lightfield.report import Outcome, Report
from target_lightfield.scheduler import Scheduler

_log = logging.getLogger("target-lightfield")


class Run:
    """Loads records into a destination.

    Args:
        config: The target's settings.
        source: What the target reads from.

    Raises:
        TargetError: The destination can't be opened.
    """

    def __init__(self, config: Mapping[str, Any], source: IO[str] | None = None) -> None:
        self._rejects = RejectsFile(config["rejects_path"], source)
        self._destination = Destination(config)
        self._max_rejects: int = config["max_rejects"]
        self._scheduler = Scheduler(config["max_concurrency"])
        self.report = Report()

    def loader(self, stream: str) -> Loader:
        """Return what loads the records of a writable stream. Raises TargetError as Destination does."""
        return self._destination.loader(stream)

    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Load one record, beside others on their way, and count what becomes of it.

        Raises:
            TargetError: Lightfield did not answer as it should to this record or an earlier one; the
                run can't go on.
        """
        source = Source(stream.stream, source_key(stream, row), tuple(stream.key_properties))
        loader = self._destination.loader(stream.stream)
        try:
            wanted = loader.reader.read(row)
        except Rejection as e:
            self.reject(stream, row, e)
            return
        self._scheduler.submit(
            lambda: self._load(loader, source, stream, row, wanted),
            holds=loader.holds(source, wanted),
            after=loader.after(wanted),
        )

    def _load(
        self, loader: Loader, source: Source, stream: StreamSchema, row: Mapping[str, Any], wanted: Wanted
    ) -> None:
        try:
            outcome = loader.load(source, row, wanted)
        except Rejection as e:
            self._reject(stream, row, e)
            return
        except LightfieldError as e:
            raise api_failure(f"loading {stream.stream} {source.key!r}", e) from e
        if outcome is Outcome.SKIPPED:
            self._skip(stream, row)
        elif outcome is not Outcome.WAITING:  # those are counted at the end, when others have come
            self.report.count(stream.stream, outcome)

    @property
    def submitted(self) -> int:
        """How many records have been taken."""
        return self._scheduler.submitted

    @property
    def settled(self) -> int:
        """How many of the records taken are settled, and all before them."""
        return self._scheduler.settled

    def settle(self) -> None:
        """Return when every record taken is settled: written, unchanged, rejected or waiting.

        Raises:
            TargetError: One can't be, because Lightfield did not answer as it should.
        """
        self._scheduler.wait()

    def abandon(self) -> None:
        """Finish what is on its way, begin nothing more, and give everything back."""
        try:
            self.settle()
        except Exception as e:  # noqa: BLE001 - an error is on its way already, and ends the run
            _log.debug("Also while ending: %s", e)
        self.close()

    def load_member(self, stream: StreamSchema, row: Mapping[str, Any]) -> Outcome:
        """Take up a member of the source, so that owners and assignees carry over by email.

        Members are never written. One that the workspace lacks waits: links to it are written by the
        run after it was invited.
        """
        source = Source(stream.stream, source_key(stream, row), tuple(stream.key_properties))
        email = row.get("email")
        try:
            member = self._destination.member_id(email) if isinstance(email, str) else None
        except LightfieldError as e:
            raise api_failure(f"looking up {stream.stream} {source.key!r}", e) from e
        if member is not None:
            self._destination.id_map.settle(source, "member", Mapped(member, "", created=False))
        outcome = Outcome.UNCHANGED if member else Outcome.WAITING
        self.report.count(stream.stream, outcome)
        return outcome

    def reject(self, stream: StreamSchema, row: Mapping[str, Any], rejection: Rejection) -> None:
        """File a rejected record, which takes the place of what waits of it, and count it."""
        self._scheduler.submit(lambda: self._reject(stream, row, rejection), holds=[self._token(stream, row)])

    def skip(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Count a record that is not to be written, nor what waits of it."""
        self._scheduler.submit(lambda: self._skip(stream, row), holds=[self._token(stream, row)])

    def _reject(self, stream: StreamSchema, row: Mapping[str, Any], rejection: Rejection) -> None:
        key = source_key(stream, row)
        self._rejects.write(stream, key, row, rejection)
        where = f" ({rejection.param})" if rejection.param else ""
        _log.warning("Rejected %s %r%s: %s", stream.stream, key, where, rejection.message)
        if is_storable(key):
            self._destination.id_map.release(Source(stream.stream, key))
        self.report.count(stream.stream, Outcome.REJECTED)

    def _skip(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        self._destination.id_map.release(Source(stream.stream, source_key(stream, row)))
        self.report.count(stream.stream, Outcome.SKIPPED)

    def _token(self, stream: StreamSchema, row: Mapping[str, Any]) -> Hashable:
        return RESOURCES[stream.stream].object_type, source_key(stream, row)

    def finish(self) -> str | None:
        """Try what waits, log what became of the records, and give everything back.

        Returns:
            Why the run counts as failed, in one sentence; None if it does not.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        try:
            self.settle()
            self._load_held()
            waiting = self._write_waiting_links()
            for line in self.report.lines():
                _log.info("%s", line)
            if waiting:
                _log.warning("%d links wait for a record that has not come yet", waiting)
        finally:
            self.close()
        rejected = self.report.total(Outcome.REJECTED)
        if rejected > self._max_rejects:
            return (
                f"{rejected} records were rejected, more than max_rejects ({self._max_rejects}) allows; "
                "the rejects file says why."
            )
        return None

    def close(self) -> None:
        """End what is on its way; give back the id map, the rejects file and the connections."""
        self._scheduler.close()
        self._destination.close()
        self._rejects.close()

    def _load_held(self) -> None:
        """Load the records that waited for another, as long as one of them gets on: chains resolve."""
        held = self._destination.id_map.held()
        while held:
            for source, row in held:
                if source.stream in WRITABLE:
                    schema: dict[str, Any] = {"properties": {name: {} for name in row}}
                    self.load(StreamSchema(source.stream, schema, source.key_properties), row)
            self.settle()
            before, held = len(held), self._destination.id_map.held()
            if len(held) == before:
                break
        for source, _ in held:
            self.report.count(source.stream, Outcome.WAITING)

    def _write_waiting_links(self) -> int:
        """Write the links whose other side has come since, and return how many still wait."""
        by_record: dict[Source, list[tuple[str, str]]] = defaultdict(list)
        for source, relationship, reference in self._destination.id_map.waiting_links():
            by_record[source].append((relationship, reference))
        for source, links in by_record.items():
            if source.stream in WRITABLE:
                self._scheduler.submit(partial(self._write_links, source, links), holds=[source])
        self.settle()
        return len(self._destination.id_map.waiting_links())

    def _write_links(self, source: Source, links: Sequence[tuple[str, str]]) -> None:
        try:
            self._destination.loader(source.stream).write_waiting(source, links)
        except Rejection as e:
            _log.warning("Links of %s %r wait on: %s", source.stream, source.key, e.message)
        except LightfieldError as e:
            raise api_failure(f"linking {source.stream} {source.key!r}", e) from e


def source_key(stream: StreamSchema, row: Mapping[str, Any]) -> str:
    """Return a record's key as text: that of its one key column, or of all; of the whole row without any.

    A number and the same number as text are one key, as in a column that refers to the record.
    """
    values = [row.get(name) for name in stream.key_properties]
    if not values:
        data = {name: value for name, value in row.items() if not name.startswith("_sdc_")}
        return f"row:{hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()}"
    if len(values) == 1 and isinstance(values[0], (str, int, float)) and not isinstance(values[0], bool):
        return str(values[0])
    return json.dumps(values[0] if len(values) == 1 else values, sort_keys=True)
