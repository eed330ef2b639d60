"""Moving records to the trash, and back."""

from __future__ import annotations

from contextlib import AbstractContextManager

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NotFound
from lightfield_api.resources import Resource
from target_lightfield.id_map.journal import Journal
from target_lightfield.id_map.journal_entries import NOTHING, Before, Write, WriteKind
from target_lightfield.id_map.source import Source
from target_lightfield.writing.in_journal import Sent, in_journal


class Trash:
    """The trash of one object type.

    Args:
        client: The API client.
        journal: Where each write is kept before it is sent.
        resource: The object's entry in the table of resources.
    """

    def __init__(self, client: LightfieldClient, journal: Journal, resource: Resource) -> None:
        self._client = client
        self._journal = journal
        self._resource = resource

    def trash(self, source: Source | None, record_id: str) -> bool:
        """Move a record to the trash, for a row; False if it was not there any more."""
        try:
            with self._in_journal(WriteKind.TRASHED, record_id, source):
                self._client.delete(*self._resource.record_path, record_id)
        except NotFound:
            return False
        return True

    def restore(self, source: Source | None, record_id: str) -> None:
        """Take a record out of the trash. Raises LightfieldError."""
        with self._in_journal(WriteKind.RESTORED, record_id, source):
            self._client.write(*self._resource.record_path, record_id, "restore", body={})

    def _in_journal(
        self,
        kind: WriteKind,
        record_id: str,
        source: Source | None,
        before: Before = NOTHING,
        *,
        adopted: bool = False,
    ) -> AbstractContextManager[Sent]:
        write = Write(kind, self._resource.lasting_name, record_id, source, before, adopted)
        return in_journal(self._journal, write)
