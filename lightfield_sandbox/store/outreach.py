"""Sequences, senders, enrollments and sequence messages. They are kept as the JSON that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.timestamps import parse_ms
from lightfield_sandbox.store.index import ACTIVE, SearchIndex
from lightfield_sandbox.store.records import SEED, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightfield_sandbox.store.persistence import Journal

Json = dict[str, Any]

SEQUENCE, SENDER, ENROLLMENT, MESSAGE = "sequence", "sender", "enrollment", "sequence_message"
KINDS = (SEQUENCE, SENDER, ENROLLMENT, MESSAGE)
OF_A_SEQUENCE = frozenset((ENROLLMENT, MESSAGE))
# The time by which the list of each kind is ordered, newest first.
_ORDERED_BY = {SEQUENCE: "createdAt", SENDER: "createdAt", ENROLLMENT: "enrolledAt", MESSAGE: "createdAt"}


def document_record(kind: str, document: Json, sequence_id: str = "") -> Record:
    """Wrap a document in a record: its JSON is in `fields`, its list in `object_type`.

    Args:
        kind: One of `KINDS`.
        document: The JSON.
        sequence_id: The sequence that an enrollment or a sequence message belongs to.
    """
    created = parse_ms(document[_ORDERED_BY[kind]])
    return Record(_list(kind, sequence_id), document["id"], created, None, document, {}, origin=SEED)


class Outreach:
    """All documents as they are now, and their lists as they were `index_lag` seconds ago.

    Args:
        records: The documents, wrapped by `document_record`.
        index_lag: Seconds by which the lists trail behind a change.
        journal: The file behind the workspace, if there is one.
    """

    def __init__(
        self, records: Iterable[Record], index_lag: float = 0, journal: Journal | None = None
    ) -> None:
        self._lists: dict[str, dict[str, Record]] = {SEQUENCE: {}, SENDER: {}}
        for record in records:
            self._lists.setdefault(record.object_type, {})[record.id] = record
        self._index = SearchIndex((), index_lag)
        self._journal = journal
        for name, held in self._lists.items():
            self._index.add(name)
            self._index.fill(name, held.values())

    def get(self, kind: str, document_id: str, sequence_id: str = "") -> Json | None:
        """A document as it is now, or None.

        Args:
            kind: One of `KINDS`.
            document_id: Its id.
            sequence_id: The sequence that an enrollment or a sequence message belongs to.
        """
        record = self._lists.get(_list(kind, sequence_id), {}).get(document_id)
        return None if record is None else record.fields

    def listed(self, kind: str, sequence_id: str = "") -> Iterator[Json]:
        """The documents that a list shows, newest first."""
        name = _list(kind, sequence_id)
        shown = self._index.shelf(name, ACTIVE).newest_first() if name in self._lists else ()
        return (record.fields for record in shown)

    def all(self, kind: str) -> list[Json]:
        """Every document of a kind as it is now, of all sequences, newest first."""
        held = [
            record
            for name, records in self._lists.items()
            if name.partition(":")[0] == kind
            for record in records.values()
        ]
        return [record.fields for record in sorted(held, key=lambda record: record.order, reverse=True)]

    def of_sequence(self, kind: str, sequence_id: str) -> list[Json]:
        """The documents of one sequence as they are now, in no particular order."""
        return [record.fields for record in self._lists.get(_list(kind, sequence_id), {}).values()]

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        return len(self.all(kind))

    def change(self, kind: str, changes: Json, sequence_id: str = "") -> Json:
        """Change the document with this `id`, or add it.

        Args:
            kind: One of `KINDS`.
            changes: The members to set, `id` among them.
            sequence_id: The sequence that an enrollment or a sequence message belongs to.

        Returns:
            The whole document after the change.

        Raises:
            KeyError: There is no such kind, or a new document lacks the time that its list is ordered by.
            ValueError: That time is not a time, or differs from what it was.
        """
        if kind not in KINDS or (kind in OF_A_SEQUENCE) != bool(sequence_id):
            raise KeyError(kind)
        old = self._lists.get(_list(kind, sequence_id), {}).get(changes["id"])
        document = {**(old.fields if old else {}), **changes}
        record = document_record(kind, document, sequence_id)
        if old is not None and old.order != record.order:
            raise ValueError(f"{_ORDERED_BY[kind]} never changes")
        if record.object_type not in self._lists:
            self._lists[record.object_type] = {}
            self._index.add(record.object_type)
        self._lists[record.object_type][record.id] = record
        self._index.put(record)
        if self._journal is not None:
            self._journal.save([record])
        return document


def _list(kind: str, sequence_id: str) -> str:
    return f"{kind}:{sequence_id}" if sequence_id else kind
