"""A client that writes nothing: what a dry run would write, it keeps to itself.

Everything else is as in a real run, so that what a dry run says is what a real one does. A record that
would be created has an id of its own for the rest of the run, and links to it resolve.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import IO, Any

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NotFound
from target_lightfield.temporary_database import TemporaryDatabase, packed, storable, unpacked

_PREFIX = "dry-run-"
_CLOCKS = timedelta(minutes=1)
_SCHEMA = "CREATE TABLE records (path BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"


class DryRunClient(LightfieldClient):
    """Reads from the API, and takes writes without sending them."""

    def __init__(self, api_key: str, **options: Any) -> None:
        super().__init__(api_key, **options)
        self._numbers = itertools.count(1)
        self._written = TemporaryDatabase(_SCHEMA)
        self._known: dict[tuple[str, ...], Callable[[str], dict[str, Any] | None]] = {}
        self._lock = threading.Lock()
        self._taken = 0

    def know(self, path: tuple[str, ...], get: Callable[[str], dict[str, Any] | None]) -> None:
        """Take what is known of a collection's records, which a write then need not ask for.

        Args:
            path: The path to which a record's id is appended.
            get: Returns a record by its id, None of one that is not known.
        """
        self._known[path] = get

    def close(self) -> None:
        """Forget what would have been written, and close the connections."""
        super().close()
        self._written.close()

    @property
    def writes(self) -> int:
        """How many writes would have been sent."""
        return self._taken

    def search(self, *path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """As the real one; a list that would be created is empty."""
        if any(is_made_up(part) for part in path):
            return {"data": [], "object": "list", "totalCount": 0}
        return super().search(*path, params=params)

    def read(self, *path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """As the real one; a record that would have been written is shown as it would be."""
        with self._written.used() as database:
            written = database.execute("SELECT body FROM records WHERE path = ?", (_name(path),)).fetchone()
        if written is not None:
            return unpacked(written[0])
        if is_made_up(path[-1]):
            raise NotFound("It would not have been created", status=404, type="not_found")
        return super().read(*path, params=params)

    def write(
        self,
        *path: str,
        body: Mapping[str, Any],
        idempotency_key: str | None = None,  # noqa: ARG002 - nothing is sent
    ) -> dict[str, Any]:
        """Return what the API would answer, as far as that can be known."""
        return self._take(path, body)

    def write_once(self, *path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the API would answer, as far as that can be known."""
        return self._take(path, body)

    def delete(self, *path: str) -> dict[str, Any]:
        """Do nothing."""
        with self._lock:
            self._taken += 1
        self._before(path)  # raises NotFound if there is nothing to delete
        return {}

    def upload(self, url: str, headers: Mapping[str, str], file: IO[bytes]) -> None:
        """Do nothing. Args as in ``LightfieldClient``."""

    def _take(self, path: tuple[str, ...], body: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._taken += 1
        body = json.loads(json.dumps(body))  # as the API would have it
        if path[0] == "files":
            return self._take_file(path, body)
        if path[-1] == "restore":
            return {"id": path[-2]}
        if len(path) == 1 or path[-1] in _CREATES:
            record = self._made_up()
            if path[-1] == "log":  # a body is sent in parts, and shown as one that only Lightfield knows
                body = {**body, "fields": {k: v for k, v in body["fields"].items() if k != "$body"}}
            path = (*(("emails",) if path[0] == "emails" else path), record["id"])
        else:
            record = self._before(path)
        _apply(record, body)
        self._keep(path, record)
        return record

    def _before(self, path: tuple[str, ...]) -> dict[str, Any]:
        """Return a record as it is before a write."""
        get = self._known.get(path[:-1])
        return (get(path[-1]) if get else None) or self.read(*path)

    def _take_file(self, path: tuple[str, ...], body: Mapping[str, Any]) -> dict[str, Any]:
        """Take one of the three steps of an upload."""
        if len(path) == 1:
            file = {**self._made_up(), **body, "status": "PENDING"}
            self._keep((*path, file["id"]), file)
            return {**file, "uploadUrl": "https://upload.invalid/", "uploadHeaders": {}}
        file = {**self.read(*path[:2]), "status": "COMPLETED" if path[-1] == "complete" else "CANCELLED"}
        self._keep(path[:2], file)
        return file

    def _made_up(self) -> dict[str, Any]:
        """Return a record without values that would be made now."""
        # Not before it was asked for, whatever is learned of the server's clock meanwhile.
        now = (self.server_time() + _CLOCKS).isoformat()
        return {"id": f"{_PREFIX}{next(self._numbers)}", "createdAt": now, "updatedAt": now}

    def _keep(self, path: tuple[str, ...], record: Mapping[str, Any]) -> None:
        with self._written.used() as database:
            database.execute("REPLACE INTO records VALUES (?, ?)", (_name(path), packed(record)))


_CREATES = frozenset({"values", "log"})
"""What the path of a create ends with, where that is not the collection."""


def _name(path: tuple[str, ...]) -> bytes:
    return storable("/".join(path))


def is_made_up(record_id: str) -> bool:
    """Whether an id is that of a record which a real run would create."""
    return record_id.startswith(_PREFIX)


def _apply(record: dict[str, Any], body: Mapping[str, Any]) -> None:
    """Write the fields and relationships of a create's or an update's body into a record."""
    fields, relationships = record.setdefault("fields", {}), record.setdefault("relationships", {})
    for key, value in body.get("fields", {}).items():
        fields[key] = {**fields.get(key, {}), "value": value}
    for key, change in body.get("relationships", {}).items():
        relationship = relationships.setdefault(key, {})
        for side in [relationship, *([source] if (source := _as_source(relationship)) else [])]:
            side["values"] = _linked(side.get("values") or [], change)


def _as_source(relationship: Mapping[str, Any]) -> dict[str, Any] | None:
    side: dict[str, Any] | None = (relationship.get("directions") or {}).get("asSource")
    return side


def _linked(present: list[str], change: Any) -> list[str]:
    if not isinstance(change, Mapping):  # of a create: an id or several
        return [change] if isinstance(change, str) else list(change)
    if "replace" in change:
        return [change["replace"]] if change["replace"] else []
    kept = [id_ for id_ in present if id_ not in change.get("remove", ())]
    return kept + [id_ for id_ in change.get("add", ()) if id_ not in kept]
