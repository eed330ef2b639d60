"""Writing the rows of list_members: which list and record each means, and what is to be done.

The id map remembers every membership, so that a row that comes again costs no call. A list is read only for
memberships that the id map does not know.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from lightfield_api.words import count
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Mapped, Source, State
from target_lightfield.loading.references import References
from target_lightfield.objects.given_members import GivenMembers
from target_lightfield.objects.list_contents import LIST_MEMBER, Change, ListContents, membership_id
from target_lightfield.objects.list_member_rows import (
    LIST_MEMBERS,
    Entry,
    ListMemberReader,
    ListMembersPolicy,
    Membership,
    Result,
    list_key_of,
)
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.writing.changes import LINKS_PER_REQUEST

_log = logging.getLogger("target-lightfield")


class ListMemberLoader:
    """Writes batches of rows: puts records on a list, and takes them off.

    Args:
        id_map: Knows who is on which list already.
        references: Finds lists and records.
        contents_of: Returns the contents of a list, by its id and its members' object type.
        policy: What the settings say.

    Attributes:
        reader: Reads the rows.
        policy: What the settings say.
    """

    def __init__(
        self,
        id_map: IdMap,
        references: References,
        contents_of: Callable[[str, str], ListContents],
        policy: ListMembersPolicy,
    ) -> None:
        self.reader = ListMemberReader()
        self.policy = policy
        self._id_map = id_map
        self._references = references
        self._contents_of = contents_of
        self._given = GivenMembers()

    def close(self) -> None:
        """Forget what the feed has."""
        self._given.close()

    def load(self, entries: Sequence[Entry]) -> Iterator[Result]:
        """Write rows of one list and object type, and yield what became of each as it happens.

        What waits is kept in the id map.

        Args:
            entries: At most 25; none ends a membership that another one begins.

        Raises:
            LightfieldError: The API did not answer as it should, which is no row's fault.
        """
        new = []
        for entry in entries:
            if entry.ended and not self.policy.ends:
                yield entry, Outcome.SKIPPED
            elif self._is_settled(entry):
                yield entry, Outcome.UNCHANGED
            else:
                new.append(entry)
        if new:
            yield from self._load_new(new[0].membership, new)

    def _is_settled(self, entry: Entry) -> bool:
        """Whether all is as the row asks, according to the id map: then no call is needed."""
        row = entry.membership
        list_id = self._known_id("list", row.list_key)
        record_id = self._known_id(row.object_type, row.record_key)
        settled = self._id_map.get(entry.source) == _mapped(list_id, record_id, ended=entry.ended)
        if settled and not entry.ended:
            self._give(list_id, row.object_type, record_id)
        return settled

    def _known_id(self, object_type: str, key: str) -> str:
        return self._id_map.find(object_type, key) or key

    def _load_new(self, first: Membership, entries: Sequence[Entry]) -> Iterator[Result]:
        try:
            list_id = self._references.find("list", first.list_key)
        except Rejection as e:
            ambiguous = _about(e, "list_id")
            yield from ((entry, ambiguous) for entry in entries)
            return
        if list_id is None:
            yield from ((entry, self._wait(entry)) for entry in entries)
        elif self.policy.own_lists_only and not self._id_map.has_created("list", list_id):
            yield from ((entry, Outcome.SKIPPED) for entry in entries)
        else:
            contents = self._contents_of(list_id, first.object_type)
            try:
                contents.check_type()
            except Rejection as e:
                refusal = e
                yield from ((entry, refusal) for entry in entries)
            else:
                yield from self._load_on(contents, entries)

    def _load_on(self, contents: ListContents, entries: Sequence[Entry]) -> Iterator[Result]:
        """Write rows of a list that is there."""
        wanted: dict[Change, list[Entry]] = defaultdict(list)
        for entry in entries:
            try:
                record_id = self._references.find(entry.membership.object_type, entry.membership.record_key)
            except Rejection as e:
                yield entry, _about(e, "record_id")
                continue
            if record_id is None:
                yield entry, self._wait(entry)
            else:
                wanted[Change("remove" if entry.ended else "add", record_id)].append(entry)
        done = [change for change in wanted if self._is_done(contents, change, wanted[change])]
        self._settle(contents, done, wanted)
        yield from ((entry, Outcome.UNCHANGED) for change in done for entry in wanted[change])
        missing = [change for change in wanted if change not in done]
        yield from self._write(contents, missing, wanted)

    def _write(
        self, contents: ListContents, missing: Sequence[Change], wanted: Mapping[Change, Sequence[Entry]]
    ) -> Iterator[Result]:
        """Make the changes that the list lacks."""
        for changes, refusal in contents.write(missing) if missing else ():
            if refusal is None:
                self._settle(contents, changes, wanted)
            is_gone = refusal is not None and self._references.note_if_gone("list", contents.id)
            for change in changes:
                first, *same = wanted[change]
                if refusal and (
                    is_gone or self._references.note_if_gone(first.membership.object_type, change.record_id)
                ):
                    yield from ((entry, self._wait(entry)) for entry in wanted[change])
                    continue
                yield first, refusal or (Outcome.REMOVED if first.ended else Outcome.CREATED)
                yield from ((entry, refusal or Outcome.UNCHANGED) for entry in same)

    def _wait(self, entry: Entry) -> Outcome:
        if entry.ended:  # a record or list that is not there has no membership to end
            self._id_map.release(entry.source)
            return Outcome.UNCHANGED
        self._id_map.waiting.keep(entry.source, entry.row)
        if self.policy.exact:
            self._given.add_waiting(entry.source.key)
        return Outcome.WAITING

    def _is_done(self, contents: ListContents, change: Change, entries: Sequence[Entry]) -> bool:
        """Whether the list shows that there is nothing to do.

        Lists lag behind writes: a change of which the id map has the contrary is made whatever they show.
        """
        contrary = contents.membership_id(change.record_id)
        for entry in entries:
            mapped = self._id_map.get(entry.source)
            if mapped is not None and mapped.record_id == contrary:
                return False
        return contents.has(change.record_id) == (change.operation == "add")

    def _settle(
        self, contents: ListContents, changes: Iterable[Change], wanted: Mapping[Change, Sequence[Entry]]
    ) -> None:
        settled: dict[Source, Mapped] = {}
        for change in changes:
            for entry in wanted[change]:
                settled[entry.source] = _mapped(contents.id, change.record_id, ended=entry.ended)
                if not entry.ended:
                    self._give(contents.id, entry.membership.object_type, change.record_id)
        self._id_map.settle_all(settled, LIST_MEMBER)

    # What the feed has

    def _give(self, list_id: str, object_type: str, record_id: str) -> None:
        if self.policy.exact:
            self._given.add(list_id, object_type, record_id)

    def given(self, list_keys: Iterable[str]) -> set[tuple[str, str]]:
        """Return which of these lists rows were written of: the id of each, and its members' object type."""
        return self._given.lists({self._known_id("list", key) for key in list_keys})

    def release_left(self, list_keys: Iterable[str]) -> None:
        """Drop the rows of these lists that wait since an earlier run: the feed no longer has them.

        Args:
            list_keys: The lists of which the feed has all rows.
        """
        ids = {self._known_id("list", key) for key in list_keys}
        for source, row in self._id_map.waiting.rows(LIST_MEMBERS):
            key = list_key_of(row)
            if key and self._known_id("list", key) in ids and not self._given.is_waiting(source.key):
                self._id_map.release(source)

    def remove_others(self, list_id: str, object_type: str) -> Iterator[str]:
        """Remove the members of a list that the feed has no row of, and yield the record id of each.

        Args:
            list_id: The list.
            object_type: That of its members.

        Raises:
            LightfieldError: As in ``load``.
        """
        contents = self._contents_of(list_id, object_type)
        others = (id_ for id_ in contents.members() if not self._given.has(list_id, object_type, id_))
        changes = [Change("remove", record_id) for record_id in sorted(others)]
        for start in range(0, len(changes), LINKS_PER_REQUEST):
            for removed, refusal in contents.write(changes[start : start + LINKS_PER_REQUEST]):
                if refusal is None:
                    yield from (change.record_id for change in removed)
                else:
                    left = count("record", len(removed), "stays", "stay")
                    _log.warning("%s on the list %s: %s", left, list_id, refusal.message)


def _about(rejection: Rejection, column: str) -> Rejection:
    return Rejection(rejection.message, code=rejection.code, param=column)


def _mapped(list_id: str, record_id: str, *, ended: bool) -> Mapped:
    return Mapped(membership_id(list_id, record_id), State.OFF if ended else State.ON, created=False)
