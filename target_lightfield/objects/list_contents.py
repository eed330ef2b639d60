"""Who is on one list, and how that is changed. API page: "Lists" (update: ``relationships``).

Adding a record that is on the list, or removing one that is not, changes nothing: a run that broke off can
do all of it again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import LightfieldError, NotFound, UnexpectedAnswer
from lightfield_api.paging import Sweep
from lightfield_api.records import Record
from lightfield_api.refusals import is_refusal
from lightfield_api.resources import ON_LISTS
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.journal_entries import Before, Write, WriteKind
from target_lightfield.id_map.source import State
from target_lightfield.objects.lists import listed_type
from target_lightfield.reporting.rejection import RejectCode, Rejection, refused
from target_lightfield.writing.in_journal import in_journal

LIST_MEMBER = "list_member"
"""The object type of memberships in the id map. They have no id in the API: see ``membership_id``."""


@dataclass(frozen=True)
class Change:
    """One record to be added to a list, or to be removed from it."""

    operation: Literal["add", "remove"]
    record_id: str


class ListContents:
    """Reads who is on one list, and adds and removes members.

    Args:
        client: The API client.
        id_map: Remembers who is on the list.
        retrieve: Returns a list as it is now; None if there is none of that id.
        list_id: The list.
        object_type: The object type of its members, as the rows have it.
        concurrency: How many pages of members are asked for at once.
    """

    def __init__(
        self,
        client: LightfieldClient,
        id_map: IdMap,
        retrieve: Callable[[str], Record | None],
        list_id: str,
        object_type: str,
        *,
        concurrency: int,
    ) -> None:
        self._client = client
        self._id_map = id_map
        self._retrieve = retrieve
        self.id = list_id
        self._resource = ON_LISTS[object_type]
        self._concurrency = concurrency
        self._lock = threading.Lock()  # batches that name the list by different keys may run at once
        self._listed_type: str | None = None
        self._listed: frozenset[str] | None = None
        self._written: dict[str, bool] = {}  # by record id: added by this run, or else removed

    def membership_id(self, record_id: str) -> str:
        """Return what the id map has in place of the id of a record's membership."""
        return membership_id(self.id, record_id)

    def check_type(self) -> None:
        """Check, with one call at most, that the list takes members of this object type.

        Raises:
            Rejection: The members are of another object type than the list's.
            LightfieldError: The list can't be read.
        """
        with self._lock:
            if self._listed_type is None:
                record = self._retrieve(self.id)  # if the list is gone, the write is refused
                self._listed_type = listed_type(record) if record else ""
        if self._listed_type in ON_LISTS and self._listed_type != self._resource.object_type:
            others = ON_LISTS[self._listed_type].name
            raise Rejection(
                f"Its list is one of {others}: no {self._resource.object_type} can be on it",
                code=RejectCode.INVALID_VALUE,
                param="object_type",
            )

    def members(self) -> AbstractSet[str]:
        """Return the record ids on the list: those it had when first read, with this run's changes.

        Raises:
            LightfieldError: It can't be read.
        """
        with self._lock:
            listed = dict.fromkeys(self._all_listed(), True)
            return {record_id for record_id, on_it in (listed | self._written).items() if on_it}

    def has(self, record_id: str) -> bool:
        """Whether a record is on the list. Raises as ``members`` does."""
        with self._lock:
            if record_id in self._written:
                return self._written[record_id]
            return record_id in self._all_listed()

    def _all_listed(self) -> AbstractSet[str]:
        """Return the record ids that the list showed when it was first read."""
        if self._listed is None:
            path = ("lists", self.id, self._resource.name)
            self._client.turns.give_up()  # a sweep asks in threads of its own, for which this one waits
            try:
                sweep = Sweep(self._client, path, concurrency=self._concurrency)
                self._listed = frozenset(record["id"] for record in sweep)
            except NotFound:  # the write is refused, too, and that is reported
                self._listed = frozenset()
        return self._listed

    def write(
        self, changes: Sequence[Change], *, is_shown: bool = True
    ) -> Iterator[tuple[Sequence[Change], Rejection | None]]:
        """Make changes in one request. If that is refused, send them by halves, down to those at fault.

        Args:
            changes: At most 25.
            is_shown: Whether the list shows how it is. The journal has the changes that it does not show to
                be so already; where it may lag, as directly after another run, it has all of them.

        Yields:
            Changes, and why the API refused them; None where they are made.

        Raises:
            LightfieldError: The API did not answer as it should.
        """
        try:
            self._send(changes, is_shown=is_shown)
        except LightfieldError as e:
            if not is_refusal(e):
                raise
            if len(changes) == 1 or (isinstance(e, NotFound) and self._retrieve(self.id) is None):
                yield changes, _rejection(e)
                return
            middle = len(changes) // 2
            yield from self.write(changes[:middle], is_shown=is_shown)
            yield from self.write(changes[middle:], is_shown=is_shown)
            return
        yield changes, None

    def _send(self, changes: Sequence[Change], *, is_shown: bool) -> None:
        operations: dict[str, list[str]] = {}
        for change in changes:
            operations.setdefault(change.operation, []).append(change.record_id)
        added, removed = operations.get("add", []), operations.get("remove", [])
        on, off = ([self.membership_id(one) for one in ids] for ids in (added, removed))
        # Before the request: a run killed right after it must not leave them in the id map as they were.
        self._id_map.restate(LIST_MEMBER, [*on, *off], State.LEAVING)
        # No Idempotency-Key derived from the change: the same change, made again after somebody took it back,
        # would get the stored answer, and lists have no updatedAt that tells the two apart.
        body = {"relationships": {f"${self._resource.name}": operations}}
        journal = self._id_map.journal
        may_lag = not is_shown or journal.begins_within(self._client.retry_policy.listed_after)
        kept = (added, removed) if may_lag else self._not_so_yet(added, removed)
        with in_journal(journal, self._as_write(*kept)):
            answer = self._client.write("lists", self.id, body=body)
        if answer.get("id") != self.id:
            raise UnexpectedAnswer(f"A change of list {self.id} was not answered with the list")
        self._id_map.restate(LIST_MEMBER, off, State.OFF)
        self._id_map.restate(LIST_MEMBER, on, State.ON)
        with self._lock:
            self._written |= dict.fromkeys(added, True) | dict.fromkeys(removed, False)

    def _not_so_yet(
        self, added: Sequence[str], removed: Sequence[str]
    ) -> tuple[Sequence[str], Sequence[str]]:
        """Return what of a change the list does not show to be so."""
        new = [record_id for record_id in added if not self.has(record_id)]
        return new, [record_id for record_id in removed if self.has(record_id)]

    def _as_write(self, added: Sequence[str], removed: Sequence[str]) -> Write:
        name = self._resource.object_type
        before = Before(added={name: added}, removed={name: removed})
        return Write(WriteKind.LISTED, "lists", self.id, before=before)


def membership_id(list_id: str, record_id: str) -> str:
    """Return what the id map has in place of a membership's id."""
    return f"{list_id}/{record_id}"


def _rejection(error: LightfieldError) -> Rejection:
    return refused(error, "list_id" if isinstance(error, NotFound) else "record_id")
