"""Taking one write back: what its record says is to be done, and what the id map then has to know."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from lightfield_api.errors import Forbidden, LightfieldError
from lightfield_api.refusals import is_refusal
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.journal_entries import NOTHING, Before, Write, WriteKind
from target_lightfield.id_map.source import Mapped, StartedCreate, State
from target_lightfield.undo.changes_back import Backwards
from target_lightfield.undo.memberships import Memberships
from target_lightfield.undo.objects import Object, Objects
from target_lightfield.undo.tally import Done, Left, Tally, shown

_NOT_LISTED = "$body"  # of an email: no list shows it
_MOST_STRANGERS = 3


class Steps:
    """Takes single writes back.

    Args:
        id_map: What is remembered of the workspace.
        objects: The objects of the workspace.
        tally: Counts what became of each write.
        ours: The records that earlier undos of the run have written.
        force: Whether to take back also what was changed after the run.
        is_plan: Whether nothing is written.
        memberships: Takes back what lists are written.

    Attributes:
        first: Of a record that the run wrote several times: what it changed before the last of these.
        olds: Of such a record: by key what each of these writes but the last one found, with its number.
        restored: The records that the run took out of the trash.
    """

    def __init__(
        self,
        id_map: IdMap,
        objects: Objects,
        tally: Tally,
        ours: AbstractSet[str],
        *,
        force: bool,
        is_plan: bool,
        memberships: Memberships,
    ) -> None:
        self._id_map = id_map
        self._objects = objects
        self._tally = tally
        self._ours = ours
        self._force = force
        self._is_plan = is_plan
        self._memberships = memberships
        self.first: dict[str, Before] = {}
        self.olds: dict[str, dict[str, list[tuple[int, Any]]]] = {}
        self.restored: set[str] = set()

    def take_back(self, write: Write) -> None:
        """Take a write back, as far as its record is as it was written.

        Raises:
            LightfieldError: Lightfield refused it, or did not answer as it should.
            TargetError: The id map fails.
        """
        found = self._objects.get(write.object)
        if found is None:
            why = "the workspace has no such object, or the API key may not read it"
            self._leave(Done.IMPOSSIBLE, write, why)
        elif write.kind in (WriteKind.CREATED, WriteKind.RESTORED):
            self._trash(write, found)
        elif write.kind is WriteKind.TRASHED:
            self._restore(write, found)
        elif write.kind is WriteKind.CHANGED:
            self._change(write, found)
        else:
            self._memberships.take_back(write, self._first(write))

    # A record that the run made

    def _trash(self, write: Write, found: Object) -> None:
        if not found.resource.deletable:
            self._tally.count(write.object, Done.IMPOSSIBLE)
            return
        started = None
        if write.record_id is None and write.source is not None:
            started = self._id_map.begun.started_create(write.source)
        record_id = write.record_id or self._unseen(write, started, found)
        if record_id is None:
            self._note_not_found(write, started, found)
            return
        if record_id.startswith("<"):
            self._leave(Done.IMPOSSIBLE, write, "Lightfield has it without saying under which id")
            return
        is_there = found.present.is_there(record_id)
        if is_there:
            self._note_trashed(write, found, record_id, State.TRASHING)
            try:
                if not self._is_plan:
                    found.writer.trash(write.source, record_id)
            except LightfieldError as e:
                if was_refused(e):  # so it stays
                    self._id_map.undone.restore(found.resource.object_type, record_id)
                raise
        if is_there or record_id in self._ours:
            self._note_trashed(write, found, record_id, State.TRASHED)
        else:  # a person has deleted it, or merged it: the next load is to see that
            self._id_map.undone.change(found.resource.object_type, record_id, None, adopted=False)
        self._tally.count(write.object, Done.TRASHED if is_there else Done.ALREADY)

    def _note_trashed(self, write: Write, found: Object, record_id: str, state: State) -> None:
        object_type = found.resource.object_type
        if write.record_id is None and write.source:  # else the next load would ask for that create again
            self._id_map.settle(write.source, object_type, Mapped(record_id, state, created=True))
        self._id_map.undone.trash(object_type, record_id, state)

    def _note_not_found(self, write: Write, started: StartedCreate | None, found: Object) -> None:
        """Count a create that made nothing; or, if somebody may have changed what it made, leave it."""
        strangers = found.unseen.changed_since(started) if started else ()
        if strangers:
            others = ", ".join(record["id"] for record in strangers[:_MOST_STRANGERS])
            why = f"it may have been made, and changed by somebody since: look whether it is {others}"
            self._leave(Done.LEFT, write, why)
        else:
            self._tally.count(write.object, Done.ALREADY)

    def _unseen(self, write: Write, started: StartedCreate | None, found: Object) -> str | None:
        """Return the id of the record of a create without an answer; None if there is none."""
        if started is None or write.source is None:
            return None
        record = found.unseen.find(_as_listed(started))
        if record:
            self._id_map.journal.resume(write.source, record["id"])
        return str(record["id"]) if record else None

    def _restore(self, write: Write, found: Object) -> None:
        if not found.resource.restorable:
            self._tally.count(write.object, Done.IMPOSSIBLE)
            return
        record_id = str(write.record_id)
        is_back = found.present.get(record_id) is not None
        mapped = self._id_map.get(write.source) if write.source else None
        other = mapped.record_id if mapped and mapped.record_id != record_id else None
        has_other = other is not None and found.present.is_there(other)
        if not is_back:
            if has_other and not self._force:
                self._leave(Done.LEFT, write, f"its row has become {other} since")
                return
            found.writer.restore(write.source, record_id)
        object_type = found.resource.object_type
        if write.source and not has_other and (mapped is None or other):
            known = Mapped(record_id, State.ADOPTED, created=mapped is not None and mapped.created)
            self._id_map.adopt(write.source, object_type, known)
        self._id_map.undone.restore(object_type, record_id)
        self._tally.count(write.object, Done.ALREADY if is_back else Done.RESTORED)

    # A record that was there

    def _change(self, write: Write, found: Object) -> None:
        record_id = str(write.record_id)
        record = found.present.get(record_id)
        if record is None:
            if record_id in self.restored and record_id in self._ours:  # an earlier undo moved it there
                self._tally.count(write.object, Done.ALREADY)
            else:
                self._leave(Done.LEFT, write, "it is in the trash, or gone")
            return
        if record.get("id") != record_id:
            self._leave(Done.LEFT, write, f"it was merged into {record.get('id')}")
            return
        backwards = Backwards(found.resource, found.definitions, self._force)
        olds = {
            key: [old for number, old in values if number < write.number]
            for key, values in self.olds.get(record_id, {}).items()
        }
        changes, differing = backwards.changes(record, write.before, self._first(write), olds)
        object_type = found.resource.object_type
        self._id_map.undone.change(object_type, record_id, write.source, adopted=write.adopted)
        if changes:
            found.writer.update(write.source, record, changes)
            found.present.touch(record_id)
            self._tally.count(write.object, Done.CHANGED)
        elif not differing:
            self._tally.count(write.object, Done.ALREADY)
        if differing:
            said = "; ".join(f"{d.key} is {shown(d.now)}, not {shown(d.written)}" for d in differing)
            self._leave(Done.LEFT, write, f"{said}, as it was written")

    def _first(self, write: Write) -> Before:
        """Return what older writes of the run changed of the record."""
        return self.first.get(str(write.record_id), NOTHING)

    def _leave(self, done: Done, write: Write, why: str) -> None:
        key = write.source.key if write.source else None
        self._tally.leave(done, Left(write.object, write.record_id or "?", key, why))


def was_refused(error: LightfieldError) -> bool:
    """Whether Lightfield did not do this one write; what its key may not do counts too."""
    return is_refusal(error) or isinstance(error, Forbidden)


def _as_listed(create: StartedCreate) -> StartedCreate:
    """Return a create without what no list shows of its record."""
    fields = {key: value for key, value in create.body["fields"].items() if key != _NOT_LISTED}
    return replace(create, body={**create.body, "fields": fields})
