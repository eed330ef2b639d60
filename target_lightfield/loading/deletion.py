"""Moving a record to the trash because the source has deleted its row."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record
from lightfield_api.refusals import is_refusal
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Mapped, Source, State
from target_lightfield.loading.creation import Creation
from target_lightfield.loading.refusals import Refusals
from target_lightfield.loading.telling import Telling
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.finder import Finder
from target_lightfield.matching.found import Found
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.writing.writer import Writer


@dataclass(frozen=True)
class Deletion:
    """Moves records of one object type to the trash."""

    object_type: str
    id_map: IdMap
    finder: Finder
    directory: Directory
    creation: Creation
    writer: Writer
    refusals: Refusals
    telling: Telling

    def trash(self, source: Source, wanted_id: str | None) -> Outcome:
        """Move a record to the trash because the source has deleted its row.

        Only one that the id map knows or that the row names by its id: a record that merely looks like
        the deleted one is not it.

        Args:
            source: The source record.
            wanted_id: The value of the row's ``id`` column, or None.

        Raises:
            Rejection: The API refuses it.
            LightfieldError: The API did not answer as it should, which is not the record's fault.
        """
        mapped = self.id_map.get(source)
        if mapped and mapped.state is State.TRASHED and not self.id_map.begun.started_create(source):
            return Outcome.UNCHANGED  # and no run that broke off may have made another one for it
        if mapped and mapped.state.is_merged:  # the record that it leads to is another row's
            self.id_map.drop(source)
            return Outcome.UNCHANGED
        with self.refusals.as_rejections():
            return self._trash(source, mapped, wanted_id)

    def _trash(self, source: Source, mapped: Mapped | None, wanted_id: str | None) -> Outcome:
        resumed = self.creation.resume(source)
        created = resumed.record if isinstance(resumed, Found) else None
        record_id = created["id"] if created else mapped.record_id if mapped else self._own_id(wanted_id)
        if record_id is None or self._is_anothers_too(source, record_id):
            self.id_map.drop(source)
            return Outcome.UNCHANGED
        record = created or self.finder.current(record_id)
        if record is not None and record["id"] != record_id:  # merged: the survivor stays
            self.id_map.drop(source)
            return Outcome.UNCHANGED
        # Still known: should the row come back, the API must not repeat its answer to this one's create.
        is_ours = created is not None or bool(mapped and mapped.created)
        known = Mapped(record_id, State.TRASHED, is_ours)
        trashed = record is not None and self._move(source, record, known)
        self.directory.forget(record_id)
        self.id_map.settle(source, self.object_type, known)
        return Outcome.TRASHED if trashed else Outcome.UNCHANGED

    def _move(self, source: Source, record: Record, known: Mapped) -> bool:
        """Move a record to the trash; False if it was not there any more."""
        self.telling.trashed(source, record)
        # Before: should the run be killed once it is there, a row that comes back is not to count as written.
        self.id_map.adopt(source, self.object_type, replace(known, state=State.TRASHING))
        try:
            return self.writer.trash(source, known.record_id)
        except LightfieldError as e:
            if is_refusal(e):  # so it stays, and is the row's as before
                self.id_map.adopt(source, self.object_type, replace(known, state=State.ADOPTED))
            raise

    def _own_id(self, wanted_id: str | None) -> str | None:
        found = self.directory.get(wanted_id) if wanted_id else None
        return str(found["id"]) if found else None

    def _is_anothers_too(self, source: Source, record_id: str) -> bool:
        """Whether a record is another row's too, which the source has not deleted with this one."""
        return self.id_map.other_owner(
            source, self.object_type, record_id
        ) is not None or self.id_map.is_taken_for(self.object_type, record_id)
