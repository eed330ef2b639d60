"""How the records of one object are now: listed at once where many are asked for, else one by one."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NotFound
from lightfield_api.paging import Sweep
from lightfield_api.records import Record
from lightfield_api.resources import Resource
from target_lightfield.matching.record_cache import RecordStore

_PAGE = 25


class Present:
    """Reads the records of one object. Safe to use from several threads.

    Lists lag behind writes: only a plan takes what they show for what there is. Before a record is written
    it is retrieved.

    Args:
        client: The API client.
        resource: The object.
        concurrency: How many pages are asked for at once.
        is_plan: Whether nothing is written: then what lists show of a record is enough.
    """

    def __init__(
        self, client: LightfieldClient, resource: Resource, *, concurrency: int, is_plan: bool
    ) -> None:
        self._client = client
        self._resource = resource
        self._concurrency = concurrency
        self._is_plan = is_plan
        self._store = RecordStore()
        self._touched: set[str] = set()

    def close(self) -> None:
        """Forget what is known."""
        self._store.close()

    def list_if_many(self, wanted: AbstractSet[str]) -> None:
        """List the object for a plan, if that takes fewer requests than asking for each of these records.

        Raises:
            LightfieldError: The list can't be read.
        """
        if not self._is_plan or len(wanted) <= _PAGE:
            return
        total = self._client.search(*self._resource.path, params={"limit": 1}).get("totalCount")
        if not isinstance(total, int) or total / _PAGE > len(wanted):
            return
        for record in Sweep(self._client, self._resource.path, concurrency=self._concurrency):
            if record["id"] in wanted:
                self._store.put(record["id"], record, ())

    def is_there(self, record_id: str) -> bool:
        """Whether a record is there, and not in the trash."""
        record = self.get(record_id)
        return record is not None and record.get("id") == record_id

    def get(self, record_id: str) -> Record | None:
        """Return a record as it is now, None if there is none of that id or it is in the trash.

        A record that was merged may be answered with the one that is left, which has another id.
        """
        if record_id not in self._touched and (record := self._store.get(record_id)):
            return record
        try:
            return self._client.read(*self._resource.record_path, record_id)
        except NotFound:
            return None

    def touch(self, record_id: str) -> None:
        """Take note that a record was written: what was listed of it is no longer so."""
        self._touched.add(record_id)
