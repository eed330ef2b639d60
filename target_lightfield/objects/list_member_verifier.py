"""The verification of list_members: who is on the lists of the workspace, whatever the id map has of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Source
from target_lightfield.loading.outcomes import key_in_source
from target_lightfield.loading.references import References
from target_lightfield.objects.list_contents import LIST_MEMBER, Change, ListContents, membership_id
from target_lightfield.objects.list_member_rows import (
    LIST_MEMBERS,
    Entry,
    ListMembersPolicy,
    Result,
)
from target_lightfield.objects.list_members import ListMemberLoader
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.provenance import provenance_of
from target_lightfield.reporting.record_changes import ChangedField, RecordChange
from target_lightfield.reporting.verification import Verdict, Verification


class ListMemberVerifier(ListMemberLoader):
    """Compares rows with who is on the lists, and changes nothing.

    Args:
        id_map: Knows which list and record a key means.
        references: Finds lists and records.
        contents_of: Returns the contents of a list, by its id and its members' object type.
        policy: What the settings say.
        verification: Takes what is found.
    """

    def __init__(
        self,
        id_map: IdMap,
        references: References,
        contents_of: Callable[[str, str], ListContents],
        policy: ListMembersPolicy,
        verification: Verification,
    ) -> None:
        super().__init__(id_map, references, contents_of, policy)
        self._verification = verification

    def remove_others(self, list_id: str, object_type: str) -> Iterator[str]:
        """Take note of the members of a list that the feed has no row of; yield nothing."""
        contents = self._contents_of(list_id, object_type)
        for record_id in sorted(contents.members()):
            if self._given.has(list_id, object_type, record_id):
                continue
            by_us = self._id_map.knows(LIST_MEMBER, contents.membership_id(record_id))
            verdict = Verdict.DIFFERING if by_us else Verdict.CHANGED
            found = change_of_other(list_id, record_id, str(verdict))
            if not by_us:
                found = replace(found, why=f"{found.why}: somebody has put it there")
            self._verification.take(LIST_MEMBERS, LIST_MEMBERS, found.key, found, None)
        yield from ()

    def _is_settled(self, entry: Entry) -> bool:  # noqa: ARG002 - what is remembered is not believed
        return False

    def _is_done(self, contents: ListContents, change: Change, entries: Sequence[Entry]) -> bool:
        done = contents.has(change.record_id) == (change.operation == "add")
        if done:
            for entry in entries:
                self._take(entry.source, None)
        return done

    def _write(
        self, contents: ListContents, missing: Sequence[Change], wanted: Mapping[Change, Sequence[Entry]]
    ) -> Iterator[Result]:
        """Take note of what the list lacks."""
        for change in missing:
            for entry in wanted[change]:
                mapped = self._id_map.get(entry.source)
                was_there = mapped is not None and mapped.record_id == contents.membership_id(
                    change.record_id
                )
                verdict, why = Verdict.DIFFERING, "It is on the list, and the source has deleted the row"
                if not entry.ended:
                    verdict = Verdict.MISSING
                    why = "Somebody has taken it off the list" if was_there else "It is not on the list"
                    self._give(contents.id, entry.membership.object_type, change.record_id)
                self._take(entry.source, change_of(entry, str(verdict), change.record_id, why))
                yield entry, Outcome.UNCHANGED  # which is counted by its verdict

    def _take(self, source: Source, found: RecordChange | None) -> None:
        self._verification.take(LIST_MEMBERS, source.name, source.key, found, None)


def change_of_other(list_id: str, record_id: str, action: str) -> RecordChange:
    """Return what is told of a member that the feed has no row of.

    Args:
        list_id: The list.
        record_id: The record that is on it.
        action: What would be done, or what a verification found.
    """
    return RecordChange(
        object=LIST_MEMBERS,
        stream=LIST_MEMBERS,
        key=membership_id(list_id, record_id),
        action=action,
        record_id=record_id,
        fields={"list_id": ChangedField(list_id, None), "record_id": ChangedField(record_id, None)},
        why="It is on the list, and in no row of the feed",
    )


def change_of(
    entry: Entry, action: str, record_id: str | None = None, why: str | None = None
) -> RecordChange:
    """Return what is told of a membership.

    Args:
        entry: The row.
        action: What would be done, or what a verification found.
        record_id: The record that is to be on the list.
        why: What else there is to say.
    """
    provenance, row = provenance_of(entry.row), entry.membership
    there = {"list_id": row.list_key, "record_id": row.record_key}
    return RecordChange(
        object=LIST_MEMBERS,
        stream=provenance.stream if provenance else LIST_MEMBERS,
        key=key_in_source(provenance) if provenance else entry.source.key,
        action=action,
        record_id=record_id,
        fields={
            name: ChangedField(key if entry.ended else None, None if entry.ended else key)
            for name, key in there.items()
        },
        why=why,
    )
